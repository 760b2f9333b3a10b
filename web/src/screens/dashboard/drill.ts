/** From a figure of the dashboard to the projects behind it (console, point 10). */

/** The entrances that have a dashboard. */
export type Side = 'vendor' | 'provider';

/** The address of the list that `filter`, as the API gives it beside the figure, describes. */
export function drillPath(entrance: string, filter: string): string {
  const query = new URLSearchParams(filter);
  query.delete('entrance'); // the list knows its own from the address
  return `/${entrance}/projects?${query.toString()}`;
}
