/** 服务商饱和度 per product and provider: current load / total load (B-16 … B-20). Colours are the API's. */
import { Empty, Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { answer, api, type Schema } from '../../api';
import { Clamped } from '../../wrappers/Clamped';
import { drillPath, type Side } from './drill';
import { FigureCard } from './FigureCard';
import { bySaturation, keyOf } from './fullest';
import { useFigure } from './useFigure';

type Row = Schema<'ReportingSaturationRowOut'>;

export function Saturation({ side }: { side: Side }) {
  const { t } = useTranslation('dashboard');
  const figure = useFigure(['saturation', side], (live) =>
    answer(api.GET('/api/v1/dashboards/saturation', { params: { query: { entrance: side, live } } })),
  );
  return (
    <FigureCard title={t('load.title')} explanation={t('load.explanation')} figure={figure} wide>
      {(then, now) => {
        const present = new Map(now?.items.map((row) => [keyOf(row), row]));
        return then.items.length === 0 && present.size === 0 ? (
          <Empty
            image={Empty.PRESENTED_IMAGE_SIMPLE}
            description={
              <>
                <strong>{t('load.empty')}</strong>
                <p>{t('load.emptyHint')}</p>
              </>
            }
          />
        ) : (
          <table className="load-table">
            <thead>
              <tr>
                <th scope="col">{t('load.product')}</th>
                <th scope="col">{t('load.provider')}</th>
                <th scope="col">{t('midnight')}</th>
                <th scope="col">
                  <span className="now-mark">{t('now')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {bySaturation(then.items, now?.items ?? []).map((row) => (
                <tr key={keyOf(row)}>
                  <th scope="row">
                    <Clamped>{row.product_name}</Clamped>
                  </th>
                  <td>
                    <Clamped>{row.provider_name ?? '--'}</Clamped>
                  </td>
                  <Load side={side} row={then.items.find((one) => keyOf(one) === keyOf(row))} />
                  <Load side={side} row={present.get(keyOf(row))} />
                </tr>
              ))}
            </tbody>
          </table>
        );
      }}
    </FigureCard>
  );
}

function Load({ side, row }: { side: Side; row: Row | undefined }) {
  const { t } = useTranslation('dashboard');
  if (row === undefined) {
    return <td>--</td>;
  }
  const named = { product: row.product_name, provider: row.provider_name ?? '--' };
  return (
    <td>
      <div className="saturation">
        <Progress
          className={`load-bar load-${row.colour ?? 'none'}`}
          percent={Math.min(100, Number(row.percent ?? 0))}
          strokeColor={`var(--load-${row.colour ?? 'none'})`}
          railColor="var(--line)"
          showInfo={false}
          aria-label={t('load.bar', named)}
        />
        <Link
          to={drillPath(side, row.filter)}
          aria-label={t('load.open', { ...named, load: row.load, maximum: row.maximum })}
        >
          {row.load}/{row.maximum}
        </Link>
        <span className="secondary load-text">{row.text}</span>
      </div>
    </td>
  );
}
