import { Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { MARK_COLOURS, type Marked, marksOf } from './orderMarks';

/** 试用, 订单冻结, 已退款 … beside a project. */
export function OrderMarks(marked: Marked) {
  const { t } = useTranslation('projects');
  return marksOf(marked).map((mark) => (
    <Tag key={mark} color={MARK_COLOURS[mark]}>
      {t(`order.${mark}`)}
    </Tag>
  ));
}
