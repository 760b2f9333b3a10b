/** 编辑 (or another word) in a row, named with what it is about. */
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';

export interface EditButtonProps {
  name: string;
  label?: string;
  danger?: boolean;
  onClick: () => void;
}

export function EditButton({ name, label, danger, onClick }: EditButtonProps) {
  const { t } = useTranslation('reference');
  const word = label ?? t('edit');
  return (
    <Button
      type="link"
      size="small"
      className="row-button"
      danger={danger ?? false}
      aria-label={`${word} ${name}`}
      onClick={onClick}
    >
      {word}
    </Button>
  );
}
