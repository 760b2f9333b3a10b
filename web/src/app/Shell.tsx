/** All that is shown to who is signed in, or about to choose his password: antd, the frame, and what stands in for pages. */
import { NuqsAdapter } from 'nuqs/adapters/react-router/v7';
import { Suspense, useEffect } from 'react';
import { Navigate, Outlet, ScrollRestoration, useLocation, useParams } from 'react-router';
import type { Tokens } from '../api/tokens';
import { parted, useEntrances, useSession } from '../session/session';
import { lazily } from '../wrappers/lazily';
import * as states from '../wrappers/states';
import { Appearance } from './Appearance';
import { sweepDrafts } from './drafts';
import { Frame } from './Frame';
import { ForcedPassword } from './forced';
import { homeOf } from './menus';
import { projectPath } from './projectPath';

/** Few come by a link, and they see nothing else. */
const GuestFrame = lazily(async () => ({ default: (await import('./GuestFrame')).GuestFrame }));

/** What filters write into the address the router knows, too: 返回 and saved views read it from there. */
const ADDRESS = { shallow: false } as const;

export function Shell() {
  useEffect(sweepDrafts, []);
  return (
    <Appearance>
      <NuqsAdapter defaultOptions={ADDRESS}>
        <Outlet />
        <ScrollRestoration getKey={({ pathname, search }) => pathname + search} />
      </NuqsAdapter>
    </Appearance>
  );
}

/** Lets in who is signed in and has a password of his own; the others see what is asked of them first. */
export function SignedIn() {
  const { tokens } = useSession();
  const location = useLocation();
  if (tokens === null) {
    return <Navigate to="/login" replace state={parted() ? null : { from: location.pathname + location.search }} />;
  }
  if (tokens.project !== undefined) {
    return (
      <Suspense fallback={<states.Waiting />}>
        <GuestFrame projectId={tokens.project} />
      </Suspense>
    );
  }
  return tokens.mustChangePassword ? <ForcedPassword /> : <Frame />;
}

/** Whether something comes before the start page: signing in, a password of one's own, the one project of a link. */
function isAsked(tokens: Tokens | null): boolean {
  return tokens === null || tokens.mustChangePassword || tokens.project !== undefined;
}

/** `/`: the start page of the caller's first entrance. */
export function Home() {
  const { tokens } = useSession();
  return isAsked(tokens) ? <SignedIn /> : <ToFirstEntrance />;
}

function ToFirstEntrance() {
  const entrances = useEntrances();
  if (entrances.error) {
    return <states.Failed error={entrances.error} retry={() => void entrances.refetch()} />;
  }
  const first = entrances.data?.[0];
  return first ? <Navigate to={homeOf(first)} replace /> : <states.Waiting />;
}

/** `/projects/…`: leads each person to his own view of the project, so that the address can be sent to anybody. */
export function ToProject() {
  const { projectId = '' } = useParams();
  const { tokens } = useSession();
  return isAsked(tokens) ? <SignedIn /> : <OwnView projectId={projectId} />;
}

function OwnView({ projectId }: { projectId: string }) {
  const entrances = useEntrances();
  if (entrances.error) {
    return <states.Failed error={entrances.error} retry={() => void entrances.refetch()} />;
  }
  if (!entrances.data) {
    return <states.Waiting />;
  }
  const path = entrances.data.flatMap((one) => projectPath(one, projectId) ?? []).at(0);
  return path ? <Navigate to={path} replace /> : <states.NotFound />;
}

export function NotFound() {
  return <states.NotFound />;
}

/** In the place of a page whose code could not be loaded. The frame stays. */
export function Unloaded() {
  return <states.Unloaded />;
}

/** In the place of a page that has a mistake. The frame stays. */
export function Crashed() {
  return <states.Crashed />;
}
