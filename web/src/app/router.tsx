/**
 * The addresses of the console: `/login`, `/l` for customers who come by a link, and `/<entrance>/<screen>` for who is signed in. Everything but the sign-in
 * is fetched after it.
 */
import { type ComponentType, lazy, Suspense } from 'react';
import { createBrowserRouter, type LoaderFunction, type RouteObject } from 'react-router';
import { tokens } from '../api/tokens';
import { texts } from '../i18n';
import { firstPage, projectList, projectPage, type Screen, screens } from '../routes';
import type { Ahead } from '../routes/screen';
import { styled } from './antdSheets';
import { Broken } from './Broken';
import { loadedPage } from './chunks';
import type { EntranceKey } from './entrance';

const ENTRANCES: readonly EntranceKey[] = ['vendor', 'provider', 'customer', 'operator'];

const shell = () => styled(() => import('./Shell'), true);

async function landing() {
  const found = await import('../screens/session/Landing');
  fetchIn(FIRST_PAGE_MS, shell, () => page(projectPage));
  return found;
}

async function login() {
  const found = await import('../screens/session/Login');
  fetchIn(FIRST_PAGE_MS, shell, () => page(firstPage));
  return found;
}

async function signedIn() {
  const found = await shell();
  fetchIn(
    NEXT_PAGES_MS,
    () => page(projectPage),
    () => page(projectList),
  );
  return found;
}

/** While somebody types who he is, or reads where a link leads, what he will see first is fetched; then what he opens next. */
const FIRST_PAGE_MS = 200;
const NEXT_PAGES_MS = 2_000;

/** Fetch parts before they are needed. What cannot be had is asked for again when it is shown. */
function fetchIn(milliseconds: number, ...parts: (() => Promise<unknown>)[]) {
  setTimeout(() => void Promise.allSettled(parts.map((part) => part())), milliseconds);
}

/**
 * What a module exports by a name, as a route's component. A `lazy` must not reject: the router would show its root's
 * `hydrateFallbackElement` in the place of everything, and no error element.
 */
function componentOf<Name extends string>(load: () => Promise<Record<Name, ComponentType>>, name: Name) {
  return () =>
    loadedPage(load).then(
      (found) => ({ Component: found[name] }),
      () => ({ Component: Broken }),
    );
}

const partOf = (name: 'Shell' | 'Home' | 'ToProject' | 'NotFound') => componentOf(shell, name);

/** Stands in for a page; the shell around it is there by then. */
const Crashed = lazy(async () => ({ default: (await shell()).Crashed }));
const crashed = (
  <Suspense>
    <Crashed />
  </Suspense>
);

/** The code of a page, with its styles and texts. */
async function page(screen: Pick<Screen, 'load' | 'texts' | 'isSoon'>) {
  const [module] = await Promise.all([styled(screen.load, screen.isSoon), texts(screen.texts)]);
  return module;
}

/** Of a route: asks ahead where somebody is signed in, and has nothing wait for it. */
function asking(ahead: Ahead): LoaderFunction {
  return ({ params, request }) => {
    if (tokens() !== null) {
      ahead(params, new URL(request.url).pathname);
    }
    return null;
  };
}

function route(screen: Screen): RouteObject {
  return {
    path: screen.path,
    handle: { menu: screen.menu },
    errorElement: crashed,
    lazy: () =>
      loadedPage(() => page(screen)).then(
        ({ default: Component, ahead }) => ({ Component, ...(ahead ? { loader: asking(ahead) } : {}) }),
        async () => ({ Component: (await shell()).Unloaded }),
      ),
  };
}

export const router = createBrowserRouter([
  {
    errorElement: <Broken />,
    hydrateFallbackElement: <div className="begin" aria-busy="true" />,
    children: [
      { path: 'login', lazy: componentOf(login, 'Login') },
      { path: 'l', lazy: componentOf(landing, 'Landing') },
      {
        lazy: partOf('Shell'),
        children: [
          { index: true, lazy: partOf('Home') },
          { path: 'projects/:projectId', lazy: partOf('ToProject') },
          ...ENTRANCES.map((entrance) => ({
            path: entrance,
            lazy: componentOf(signedIn, 'SignedIn'),
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
