/** All English texts; loaded when English is chosen. */
import type { Translated, zh } from '..';
import app from './app';
import dashboard from './dashboard';
import messages from './messages';
import operator from './operator';
import products from './products';
import projects from './projects';
import reference from './reference';
import session from './session';
import settings from './settings';
import templates from './templates';
import work from './work';

const en: Translated<typeof zh> = {
  app,
  dashboard,
  messages,
  operator,
  products,
  projects,
  reference,
  session,
  settings,
  templates,
  work,
};
export default en;
