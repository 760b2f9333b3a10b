/** The templates a vendor can bind: public ones and its own published ones (P-09), grouped as a choice shows them. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { answer, api } from '../../api';

export function useBindable() {
  const { t } = useTranslation('products');
  const form = useQuery({
    queryKey: ['listing-form'],
    queryFn: () => answer(api.GET('/api/v1/products/listing-form')),
  });
  const group = (label: string, isPublic: boolean) => ({
    label,
    options: (form.data?.templates ?? [])
      .filter((one) => one.public === isPublic)
      .map((one) => ({ value: one.id, label: `${one.name}（${t('change.serial', { serial: one.serial })}）` })),
  });
  return {
    form,
    options: [group(t('change.private'), false), group(t('change.public'), true)].filter(
      ({ options }) => options.length > 0,
    ),
  };
}
