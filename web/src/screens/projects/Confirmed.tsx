/** In the card of the open node: what there is to look at before it is confirmed – requirement and files. */
import { EyeOutlined } from '@ant-design/icons';
import { Button, Flex } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../wrappers/Dialog';
import { type Details, type FlowNode, nodesOf, subjectOf } from './details';
import { FileButton, Filled } from './Flow';

/** So many of the nodes before are offered, the latest first. */
const MOST = 3;

/** The nodes that hold something to look at: the open one's own files, and – to who confirms – what came before. */
export function toLookAt({ steps, current }: Pick<Details, 'steps' | 'current'>): {
  own: FlowNode | undefined;
  before: FlowNode[];
} {
  const nodes = steps.flatMap(nodesOf);
  const at = nodes.findIndex(({ node }) => node === current?.node);
  const own = nodes[at];
  const decides = current?.operations.some(
    ({ operation }) => operation === 'confirmation' || operation === 'rejection',
  );
  const before = decides ? nodes.slice(0, Math.max(at, 0)).filter(holds).reverse().slice(0, MOST) : [];
  return { own: own && own.files.length > 0 ? own : undefined, before };
}

function holds(node: FlowNode): boolean {
  return Boolean(node.requirement) || node.files.length > 0;
}

export function Confirmed({ details }: { details: Details }) {
  const { t } = useTranslation('projects');
  const [shown, setShown] = useState<FlowNode>();
  const { own, before } = toLookAt(details);
  return (
    <>
      {own && (
        <div className="node-files">
          {own.files.map((file) => (
            <FileButton key={file.file_id} file={file} />
          ))}
        </div>
      )}
      {before.length > 0 && (
        <Flex gap="small" wrap>
          {before.map((node) => (
            <Button key={node.node} icon={<EyeOutlined />} onClick={() => setShown(node)}>
              {`${node.view_text ?? t('details.nodeFiles')} · ${node.name}`}
            </Button>
          ))}
        </Flex>
      )}
      {shown && (
        <Dialog
          title={`${shown.view_text ?? t('details.nodeFiles')} · ${shown.name}`}
          subject={subjectOf(details)}
          width={720}
          onCancel={() => setShown(undefined)}
          footer={<Button onClick={() => setShown(undefined)}>{t('close', { ns: 'app' })}</Button>}
        >
          {shown.requirement && <Filled node={shown} requirement={shown.requirement} />}
          {shown.files.map((file) => (
            <FileButton key={file.file_id} file={file} />
          ))}
        </Dialog>
      )}
    </>
  );
}
