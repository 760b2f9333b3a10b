/**
 * A chart on a canvas. What it shows must stand beside it as text and links as well: a canvas says nothing to screen
 * readers. Tooltips are drawn, since those of HTML carry inline styles, which the Content-Security-Policy refuses.
 */
import { BarChart, PieChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { type ECharts, type EChartsCoreOption, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { useDark } from '../../app/dark';

use([BarChart, PieChart, GridComponent, TooltipComponent, CanvasRenderer]);

/** Colours of the page, by the names of the variables in `styles/`. */
export type Ink = (variable: string) => string;

export interface ChartProps {
  /** Made anew with every change of colours; keep it stable while nothing changes. */
  option: (ink: Ink) => EChartsCoreOption;
  label: string;
  height: number;
  /** The number of the bar or sector pressed. */
  onPress?: (index: number) => void;
}

export function Chart({ option, label, height, onPress }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts>(undefined);
  const press = useRef(onPress);
  press.current = onPress;
  const dark = useDark();
  useEffect(() => {
    if (!place.current) {
      return;
    }
    const made = init(place.current, null, { renderer: 'canvas' });
    chart.current = made;
    made.on('click', ({ dataIndex }) => press.current?.(dataIndex));
    const watcher = new ResizeObserver(() => made.resize());
    watcher.observe(place.current);
    return () => {
      watcher.disconnect();
      made.dispose();
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours read from the page change with the mode
  useEffect(() => {
    const style = getComputedStyle(document.documentElement);
    const ink: Ink = (variable) => style.getPropertyValue(variable).trim();
    chart.current?.setOption(
      { animation: !matchMedia('(prefers-reduced-motion: reduce)').matches, ...option(ink) },
      { notMerge: true },
    );
  }, [option, dark]);
  return <div ref={place} className="chart" style={{ height }} role="img" aria-label={label} />;
}
