/**
 * The API as typed functions, generated from `docs/openapi.json`:
 *
 *     const page = await answer(api.GET('/api/v1/users', { params: { query: { side: 'vendor' } } }));
 *
 * Refusals are thrown as `ApiError`; see `transport.ts` for what is done on the way.
 */
import createClient from 'openapi-fetch';
import type { components, paths } from './schema';
import { send } from './transport';

/** Headers are no business of a screen: `transport.ts` and `ifMatch` send them. */
type Headless<All> = {
  [Path in keyof All]: {
    [Method in keyof All[Path]]: All[Path][Method] extends { parameters: infer Given }
      ? Omit<All[Path][Method], 'parameters'> & { parameters: Omit<Given, 'header'> }
      : All[Path][Method];
  };
};

export const api = createClient<Headless<paths>>({ baseUrl: globalThis.location?.origin, fetch: send });

/** A schema of the API by its name, for example `Schema<'ReportingProjectOut'>`. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

/** The body of an answer. */
export async function answer<Body>(call: Promise<{ data?: Body }>): Promise<Body> {
  return (await call).data as Body;
}

/** `If-Match` with the version a form was filled from. */
export function ifMatch(version: number): { headers: { 'If-Match': string } } {
  return { headers: { 'If-Match': `"${version}"` } };
}

export { ApiError, type Language, messageOf } from './problem';
