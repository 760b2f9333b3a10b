/**
 * The addresses of the console: `/login`, `/l` for customers who come by a link, and `/<entrance>/<screen>` for who is signed in. Everything but the sign-in
 * is fetched after it.
 */
import { lazy, Suspense } from 'react';
import { createBrowserRouter, type RouteObject } from 'react-router';
import { type Screen, screens } from '../routes';
import { styled } from './antdSheets';
import { Broken } from './Broken';
import { loadedPage } from './chunks';
import type { EntranceKey } from './entrance';

const ENTRANCES: readonly EntranceKey[] = ['vendor', 'provider', 'customer', 'operator'];

const shell = () => styled(() => import('./Shell'), true);

/**
 * A part of the shell as a route's component. A `lazy` must not reject: the router would show its root's
 * `hydrateFallbackElement` in the place of everything, and no error element.
 */
function partOf(name: 'Shell' | 'SignedIn' | 'Home' | 'ToProject' | 'NotFound') {
  return () =>
    loadedPage(shell).then(
      (found) => ({ Component: found[name] }),
      () => ({ Component: Broken }),
    );
}

function signIn() {
  return loadedPage(() => import('../screens/session/Login')).then(
    (found) => ({ Component: found.Login }),
    () => ({ Component: Broken }),
  );
}

function landing() {
  return loadedPage(() => import('../screens/session/Landing')).then(
    (found) => ({ Component: found.Landing }),
    () => ({ Component: Broken }),
  );
}

/** Stands in for a page; the shell around it is there by then. */
const Crashed = lazy(async () => ({ default: (await shell()).Crashed }));
const crashed = (
  <Suspense>
    <Crashed />
  </Suspense>
);

function route(screen: Screen): RouteObject {
  return {
    path: screen.path,
    handle: { menu: screen.menu },
    errorElement: crashed,
    lazy: () =>
      loadedPage(() => styled(screen.load, screen.isSoon)).then(
        (found) => ({ Component: found.default }),
        async () => ({ Component: (await shell()).Unloaded }),
      ),
  };
}

export const router = createBrowserRouter([
  {
    errorElement: <Broken />,
    hydrateFallbackElement: <div className="begin" aria-busy="true" />,
    children: [
      { path: 'login', lazy: signIn },
      { path: 'l', lazy: landing },
      {
        lazy: partOf('Shell'),
        children: [
          { index: true, lazy: partOf('Home') },
          { path: 'projects/:projectId', lazy: partOf('ToProject') },
          ...ENTRANCES.map((entrance) => ({
            path: entrance,
            lazy: partOf('SignedIn'),
            children: [
              { index: true, lazy: partOf('Home') },
              ...screens.filter((screen) => screen.entrances.includes(entrance)).map(route),
              { path: '*', lazy: partOf('NotFound') },
            ],
          })),
          { path: '*', lazy: partOf('NotFound') },
        ],
      },
    ],
  },
]);
