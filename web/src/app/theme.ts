/** Colours: antd's, with a darker blue and darker secondary text, since its own fail WCAG AA contrast. */
import { type ThemeConfig, theme } from 'antd';

/** Where people want no motion antd's styles have none, but it would wait for the end of one: spinners would stay. */
const motion = !globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches;
const shared = { borderRadius: 8, fontSize: 14, wireframe: false, motion };

export const LIGHT: ThemeConfig = {
  algorithm: theme.defaultAlgorithm,
  token: {
    ...shared,
    colorPrimary: '#0958d9',
    colorLink: '#0958d9',
    colorInfo: '#0958d9',
    colorError: '#cf1322',
    colorSuccess: '#237804',
    colorSuccessBg: '#f6ffed',
    colorSuccessBorder: '#b7eb8f',
    colorWarning: '#ad4e00',
    colorWarningBg: '#fff7e6',
    colorWarningBorder: '#ffd591',
    // The text of green and orange tags on their own tints; antd makes one variable of both names.
    green7: '#237804',
    'green-7': '#237804',
    orange7: '#ad4e00',
    'orange-7': '#ad4e00',
    colorTextSecondary: 'rgba(0, 0, 0, 0.68)',
    colorTextTertiary: 'rgba(0, 0, 0, 0.62)',
    colorTextDescription: 'rgba(0, 0, 0, 0.65)',
    colorTextPlaceholder: 'rgba(0, 0, 0, 0.58)',
    colorBgLayout: '#f3f5f9',
  },
  components: {
    Layout: { headerBg: '#ffffff', siderBg: '#ffffff', headerHeight: 56, headerPadding: '0 16px' },
    Table: { headerBg: '#f6f8fb', headerSplitColor: 'transparent' },
    Menu: { itemSelectedBg: '#e6f0ff', itemBorderRadius: 8 },
    Button: { colorPrimaryHover: '#003eb3' },
  },
};

export const DARK: ThemeConfig = {
  algorithm: theme.darkAlgorithm,
  token: {
    ...shared,
    // The algorithm darkens these: what comes out reaches 4.5 : 1 on every ground, chosen rows included.
    colorPrimary: '#69b1ff',
    colorInfo: '#69b1ff',
    colorLink: '#8cc4ff',
    colorError: '#ff8683',
    colorPrimaryBg: '#182c48',
    colorPrimaryBgHover: '#1d3558',
    colorTextSecondary: 'rgba(255, 255, 255, 0.75)',
    colorTextTertiary: 'rgba(255, 255, 255, 0.68)',
    colorTextDescription: 'rgba(255, 255, 255, 0.68)',
    colorTextPlaceholder: 'rgba(255, 255, 255, 0.6)',
    colorBgLayout: '#0d1117',
    colorBgContainer: '#161b22',
    colorBgElevated: '#1f2630',
  },
  components: {
    Layout: { headerBg: '#161b22', siderBg: '#161b22', headerHeight: 56, headerPadding: '0 16px' },
    Table: { headerBg: '#1c232d', headerSplitColor: 'transparent' },
    // White on the primary blue and the menu's blue on its own tint would fall below 4.5 : 1.
    Menu: {
      itemSelectedBg: '#1b3357',
      itemSelectedColor: '#91caff',
      subMenuItemSelectedColor: '#91caff',
      itemBorderRadius: 8,
    },
    Button: { colorPrimary: '#1668dc', colorPrimaryHover: '#1554ad', dangerColor: '#141414' },
  },
};
