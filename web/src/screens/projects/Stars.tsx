/** 1 to 5 stars: as a choice that the keyboard and screen readers know, with what each number means, and as given. */
import { StarFilled } from '@ant-design/icons';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';

const ALL = [1, 2, 3, 4, 5] as const;

export interface StarsProps {
  id?: string;
  value?: number;
  onChange?: (stars: number) => void;
}

export function Stars({ id, value = 0, onChange }: StarsProps) {
  const { t } = useTranslation('projects');
  const name = useId();
  const words = t('evaluate.words', { returnObjects: true }) as unknown as readonly string[];
  return (
    <div className="stars" role="radiogroup" aria-label={t('evaluate.stars')} id={id}>
      {ALL.map((stars) => (
        <label key={stars} className={stars <= value ? 'star star-on' : 'star'}>
          <input
            type="radio"
            className="visually-hidden"
            name={name}
            value={stars}
            checked={stars === value}
            aria-label={`${t('evaluate.given', { count: stars })} ${words[stars - 1]}`}
            onChange={() => onChange?.(stars)}
          />
          <StarFilled aria-hidden />
        </label>
      ))}
      <span aria-live="polite" className="secondary">
        {words[value - 1]}
      </span>
    </div>
  );
}

export function GivenStars({ stars }: { stars: number }) {
  const { t } = useTranslation('projects');
  return (
    <div className="stars" role="img" aria-label={t('evaluate.given', { count: stars })}>
      {ALL.map((one) => (
        <StarFilled key={one} aria-hidden className={one <= stars ? 'star star-on' : 'star'} />
      ))}
    </div>
  );
}
