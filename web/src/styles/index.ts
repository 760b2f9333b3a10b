/** The console's own styles: what the screens of an area need stands in the file of its name. Later ones win. */
import './base.css';
import './frame.css';
import './wrappers.css';
import './session.css';
import './settings.css';
import './projects.css';
import './templates.css';
import './work.css';
import './dashboard.css';
import './messages.css';
import './reference.css';
import './operator.css';
import './connections.css';
