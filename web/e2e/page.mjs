/** The page of pictures: docs/screens.md and docs/screens/, for those who have not installed anything yet. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The chosen visits, in the order of a project's life; in dark and English where that is said. */
export const SHOWN = [
  ['designer-canvas', 'A vendor designs the flow of a service on a canvas or in a list of the same nodes.'],
  ['designer-problems', 'What stands in the way of publishing is shown all at once, at the nodes it belongs to.'],
  ['product-providers', 'A product is bound to its template and to providers with weights and greatest loads.'],
  ['customer-purchased', 'The customer sees the services bought, and what is asked of him.'],
  ['vendor-projects', 'Every order is a project: tabs, filters that stand in the address, saved views, export.'],
  ['projects-beside', 'Details beside the list, live while others work.'],
  ['vendor-project-details', 'The project with its steps, working time left, messages, files and flow log.'],
  ['project-as-it-was', 'Any earlier moment of a project can be looked at, since its events are kept.'],
  ['project-decisions', 'Why this provider, why this person: every candidate as it stood then.'],
  ['project-timeline', 'Where the time went.'],
  ['queue-provider', 'Orders that wait for capacity, why they wait, and 分单.'],
  ['loads-batch', 'Loads of the staff, one by one or many at once.'],
  ['claims', 'Orders open to be claimed.'],
  ['customer-project-narrow', 'The same project on the phone of the customer.'],
  ['vendor-dashboard', 'Dashboards: every figure leads to the projects behind it.'],
  ['provider-dashboard-en-dark', 'English and dark, chosen by each person for himself.'],
  ['operator-status', 'What the operator looks at: services, queues, lags, parked messages.'],
];

/** Write the page into `docs` from the pictures in `pictures`. @throws where one is missing */
export function writePage(docs, pictures) {
  const folder = join(docs, 'screens');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const parts = SHOWN.map(([name, caption]) => {
    copyFileSync(join(pictures, `${name}.png`), join(folder, `${name}.png`));
    return `${caption}\n\n![${caption}](screens/${name}.png)\n`;
  });
  writeFileSync(
    join(docs, 'screens.md'),
    `# The console in pictures\n\nMade by \`make console-all\` on the demo data of \`make run\`, without the past before them.\n\n${parts.join('\n')}`,
  );
}
