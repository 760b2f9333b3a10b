import { Suspense } from 'react';
import { lazily } from '../wrappers/lazily';
import { Waiting } from '../wrappers/states';

// Not needed for the first list, so it is fetched by who meets it.
const Form = lazily(async () => ({ default: (await import('../screens/session/ForcedPassword')).ForcedPassword }));

export function ForcedPassword() {
  return (
    <Suspense fallback={<Waiting />}>
      <Form />
    </Suspense>
  );
}
