/** A text as a square code that phones read. Fetched by whoever sets a second factor up. */
import { QRCodeSVG } from '@rc-component/qrcode';
import type { ReactNode } from 'react';

export default function QrCode({ text, label }: { text: string; label: string }): ReactNode {
  return (
    <QRCodeSVG value={text} size={176} marginSize={2} bgColor="#fff" fgColor="#000" role="img" aria-label={label} />
  );
}
