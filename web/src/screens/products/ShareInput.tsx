/** Weight or maximum load of one provider, marked while it is out of its range, with the chance it means (P-22, P-23). */
import { Flex, InputNumber } from 'antd';
import { useTranslation } from 'react-i18next';
import { plainDigits } from '../../app/digits';
import { isWithin, MAXIMUM, type Share, WEIGHT } from './shares';

export interface ShareInputProps {
  share: Share;
  field: 'weight' | 'maximum';
  onChange: (share: Share) => void;
  /** Such as `40%`. */
  chance?: string | undefined;
}

export function ShareInput({ share, field, onChange, chance }: ShareInputProps) {
  const { t } = useTranslation('products');
  const range = field === 'weight' ? WEIGHT : MAXIMUM;
  const wrong = !isWithin(share[field], range);
  return (
    <Flex align="center" gap="small">
      <InputNumber
        value={share[field]}
        parser={(typed) => Number(plainDigits(typed ?? '') || Number.NaN)}
        status={wrong ? 'error' : ''}
        aria-label={t(field === 'weight' ? 'providers.ofWeight' : 'providers.ofMaximum', { name: share.name })}
        aria-invalid={wrong}
        onChange={(value) => onChange({ ...share, [field]: value === null ? null : Number(value) })}
      />
      {wrong && (
        <span className="wrong" role="alert">
          {range.least}-{range.most}
        </span>
      )}
      {chance && !wrong && <span className="secondary">{t('providers.chance', { percent: chance })}</span>}
    </Flex>
  );
}
