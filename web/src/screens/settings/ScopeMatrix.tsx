/** What an access key may do: services by reading and writing. A field of a form. */
import { Checkbox } from 'antd';
import { useTranslation } from 'react-i18next';
import { MANNERS, SERVICES, scopeOf, withScope } from './accessKeys';

export interface ScopeMatrixProps {
  id?: string;
  value?: string[];
  onChange?: (scopes: string[]) => void;
}

export function ScopeMatrix({ id, value = [], onChange }: ScopeMatrixProps) {
  const { t } = useTranslation('settings');
  return (
    <table className="scope-matrix">
      <thead>
        <tr>
          <th scope="col">{t('keys.service')}</th>
          {MANNERS.map((manner) => (
            <th key={manner} scope="col">
              {t(`keys.manners.${manner}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {SERVICES.map((service) => (
          <tr key={service}>
            <th scope="row">{t(`keys.services.${service}`)}</th>
            {MANNERS.map((manner) => {
              const scope = scopeOf(service, manner);
              return (
                <td key={manner}>
                  <Checkbox
                    {...(id && scope === 'project:read' ? { id } : {})}
                    aria-label={`${t(`keys.services.${service}`)} ${t(`keys.manners.${manner}`)}`}
                    checked={value.includes(scope)}
                    onChange={(event) => onChange?.(withScope(value, scope, event.target.checked))}
                  />
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
