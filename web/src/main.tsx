import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router';
import { queries } from './api/queries';
import { router } from './app/router';
import { ready } from './i18n';
import { begun } from './session/begin';
import './styles';

const root = document.getElementById('root');
if (root === null) {
  throw new Error('index.html has no #root');
}
await Promise.all([ready, begun]);
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
