/** 更多 in a row: what is done rarely. */
import { Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';

export interface RowMenuProps {
  /** What the row is about. */
  name: string;
  items: readonly { key: string; label: string; onClick: () => void }[];
}

export function RowMenu({ name, items }: RowMenuProps) {
  const { t } = useTranslation();
  return (
    <Dropdown trigger={['click']} menu={{ items: items.map((item) => ({ ...item })) }}>
      <Button type="link" size="small" className="row-button" aria-label={`${t('list.more')} ${name}`}>
        {t('list.more')}
      </Button>
    </Dropdown>
  );
}
