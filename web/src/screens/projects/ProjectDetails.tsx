/** 项目详情 for everybody who may see the project; what can be done is what the API offers (R-66 … R-139). */
import { useLocation, useParams } from 'react-router';
import { queries } from '../../api/queries';
import type { Ahead } from '../../routes/screen';
import { detailsOf, isOfCustomer } from './details';
import { ProjectView } from './ProjectView';

export const ahead: Ahead = ({ projectId = '' }, pathname) =>
  void queries.prefetchQuery(detailsOf(projectId, isOfCustomer(pathname)));

export default function ProjectDetails() {
  const { projectId = '' } = useParams();
  const backTo = useLocation().pathname.split('/').slice(0, 3).join('/');
  return <ProjectView projectId={projectId} backTo={backTo} />;
}
