import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router';
import { queries } from './api/queries';
import { Appearance } from './app/Appearance';
import { router } from './app/router';
import { ready } from './i18n';
import './styles';

const root = document.getElementById('root');
if (root === null) {
  throw new Error('index.html has no #root');
}
await ready;
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Appearance>
        <RouterProvider router={router} />
      </Appearance>
    </QueryClientProvider>
  </StrictMode>,
);
