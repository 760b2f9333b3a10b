/** A customer's number, and below it whose it is, unless it is the home marketplace's. */
import { useMarketplaces } from './useMarketplaces';

export function CustomerNumber({ number, marketplace }: { number: string | null; marketplace: string }) {
  const { nameOf } = useMarketplaces();
  return (
    <>
      {number ?? '--'}
      {number && marketplace && (
        <>
          {' '}
          <span className="secondary">{nameOf(marketplace)}</span>
        </>
      )}
    </>
  );
}
