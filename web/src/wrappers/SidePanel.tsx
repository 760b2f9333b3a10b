/** A drawer beside the page; like a dialog it names what it is about and gives the focus back. */
import { Drawer, type DrawerProps } from 'antd';
import type { ReactNode } from 'react';
import { Heading, useReturnedFocus } from './Dialog';

export interface SidePanelProps extends DrawerProps {
  subject?: ReactNode;
}

export function SidePanel({ subject, title, ...drawer }: SidePanelProps) {
  useReturnedFocus();
  return <Drawer open {...drawer} title={<Heading title={title} subject={subject} />} />;
}
