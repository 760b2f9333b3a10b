/** 要求所有用户两步验证: an admin demands a second factor of all users of his party, once he has one himself. */
import { App, Switch, Tooltip } from 'antd';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api';
import { queries } from '../../api/queries';
import { useMe } from '../../session/session';
import { useAccountCare } from './useAccountCare';

export function FactorDemand() {
  const { t } = useTranslation('settings');
  const { message } = App.useApp();
  const { asked } = useAccountCare(() => undefined);
  const me = useMe().data;
  const id = useId();
  if (!me) {
    return null;
  }
  const set = (demanded: boolean) =>
    asked(
      t(demanded ? 'users.demandAsk' : 'users.demandNoMoreAsk'),
      t(demanded ? 'users.demand' : 'users.demandNoMore'),
      async () => {
        await api.PUT('/api/v1/users/second-factor', { body: { demanded } });
        await queries.invalidateQueries();
        void message.success(t(demanded ? 'users.demanded' : 'users.demandedNoMore'));
      },
    );
  return (
    <Tooltip title={me.second_factor ? undefined : t('users.demandFirst')}>
      <span className="switch-line">
        <Switch
          id={id}
          checked={me.second_factor_demanded}
          disabled={!me.second_factor && !me.second_factor_demanded}
          aria-label={t('users.demandLabel')}
          onChange={set}
        />
        <label htmlFor={id}>{t('users.demandLabel')}</label>
      </span>
    </Tooltip>
  );
}
