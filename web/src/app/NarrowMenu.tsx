/** The side menu where there is no room beside the page; loaded by whoever has such a screen. */
import { Drawer } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

export interface NarrowMenuProps {
  open: boolean;
  onClose: () => void;
  children: ReactNode;
}

export default function NarrowMenu({ open, onClose, children }: NarrowMenuProps) {
  const { t } = useTranslation();
  return (
    <Drawer open={open} rootClassName="narrow-menu" placement="left" size={260} title={t('product')} onClose={onClose}>
      {children}
    </Drawer>
  );
}
