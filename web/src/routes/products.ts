import type { Screen } from './screen';

const MENU = '产品中心/产品中心';

export const productScreens: readonly Screen[] = [
  {
    entrances: ['vendor'],
    path: 'products',
    menu: MENU,
    isMenuPage: true,
    texts: ['products'],
    load: () => import('../screens/products/ProductList'),
  },
  {
    entrances: ['vendor'],
    path: 'products/new',
    menu: MENU,
    texts: ['products'],
    load: () => import('../screens/products/Listing'),
  },
  {
    entrances: ['vendor'],
    path: 'products/:productId/:mode',
    menu: MENU,
    texts: ['products', 'reference', 'settings'],
    load: () => import('../screens/products/ProductPage'),
  },
];
