/** The addresses of the console: `/login`, and `/<entrance>/<screen>` for who is signed in. */
import { NuqsAdapter } from 'nuqs/adapters/react-router/v7';
import { lazy, Suspense } from 'react';
import { createBrowserRouter, Navigate, Outlet, type RouteObject, useLocation } from 'react-router';
import { type Screen, screens } from '../routes';
import { useEntrances, useTokens } from '../session/session';
import { Crashed, Failed, NotFound, Waiting } from '../wrappers/states';
import type { EntranceKey } from './entrance';
import { Frame } from './Frame';
import { homeOf } from './menus';

// Forms are not needed for the first list, so they are fetched by who meets them.
const ForcedPassword = lazy(async () => ({
  default: (await import('../screens/session/ForcedPassword')).ForcedPassword,
}));

const ENTRANCES: readonly EntranceKey[] = ['vendor', 'provider', 'customer', 'operator'];

/** Lets in who is signed in and has a password of his own; the others see what is asked of them first. */
function SignedIn() {
  const held = useTokens();
  const location = useLocation();
  if (held === null) {
    return <Navigate to="/login" replace state={{ from: location.pathname + location.search }} />;
  }
  return held.mustChangePassword ? (
    <Suspense fallback={<Waiting />}>
      <ForcedPassword />
    </Suspense>
  ) : (
    <Frame />
  );
}

/** `/`: the start page of the caller's first entrance. */
function Home() {
  const held = useTokens();
  return held === null || held.mustChangePassword ? <SignedIn /> : <ToFirstEntrance />;
}

function ToFirstEntrance() {
  const entrances = useEntrances();
  if (entrances.error) {
    return <Failed error={entrances.error} retry={() => void entrances.refetch()} />;
  }
  const first = entrances.data?.[0];
  return first ? <Navigate to={homeOf(first)} replace /> : <Waiting />;
}

function route(screen: Screen): RouteObject {
  return {
    path: screen.path,
    handle: { menu: screen.menu },
    errorElement: <Crashed />,
    lazy: async () => ({ Component: (await screen.load()).default }),
  };
}

/** What filters write into the address the router knows, too: 返回 and saved views read it from there. */
const ADDRESS = { shallow: false } as const;

export const router = createBrowserRouter([
  {
    element: (
      <NuqsAdapter defaultOptions={ADDRESS}>
        <Outlet />
      </NuqsAdapter>
    ),
    errorElement: <Crashed />,
    hydrateFallbackElement: <Waiting />,
    children: [
      { index: true, element: <Home /> },
      { path: 'login', lazy: async () => ({ Component: (await import('../screens/session/Login')).Login }) },
      ...ENTRANCES.map((entrance) => ({
        path: entrance,
        element: <SignedIn />,
        children: [
          { index: true, element: <Home /> },
          ...screens.filter((screen) => screen.entrances.includes(entrance)).map(route),
          { path: '*', element: <NotFound /> },
        ],
      })),
      { path: '*', element: <NotFound /> },
    ],
  },
]);
