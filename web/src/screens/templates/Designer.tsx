/**
 * The editor of a template (T-13): name and description above, canvas or list – two views of one model – beside the
 * form of the node chosen; 保存 keeps what is there, 发布 checks everything (T-96 … T-99). Of a published template an
 * edit is submitted for review (T-101).
 */
import { RedoOutlined, UndoOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Alert, App, Button, Empty, Flex, Input, Segmented, Tag } from 'antd';
import { Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { ApiError, answer, api, ifMatch, messageOf } from '../../api';
import { useDrafts } from '../../app/drafts';
import { useEntrance } from '../../app/entrance';
import { useUnsaved } from '../../app/unsaved';
import { language } from '../../i18n';
import { ConflictDialog } from '../../wrappers/ConflictDialog';
import { DetailPage } from '../../wrappers/DetailPage';
import { lazily } from '../../wrappers/lazily';
import { Waiting } from '../../wrappers/states';
import { Restored } from '../../wrappers/unsent';
import { AddNode } from './AddNode';
import { kindOf, newNode, worded, wrongField } from './forms';
import { find, inOrder, insert, move, moveTo, placeAfter, remove, replace, withIncompleteReminder } from './model';
import { atName, NAME_LENGTH } from './NameDialog';
import { fieldId, NodeForm } from './NodeForm';
import { type NodeEdits, NodeOutline, RowEdits } from './NodeOutline';
import { NotOffered } from './NotOffered';
import type { FlowNode } from './node';
import { ProblemList } from './ProblemList';
import { useDraft } from './useDraft';
import { Forms, useForms, useNodeForms } from './useNodeForms';
import { type Detail, type Nodes, readTemplate, useTemplate } from './useTemplate';
import { countByNode, inFlowOrder, stillThere, type Violation, violationsOf } from './violations';

const Canvas = lazily(() => import('./Canvas'));
const MODE = 'delivery.designer';

export default function DesignerPage() {
  const { t } = useTranslation('templates');
  const { templateId = '' } = useParams();
  const entrance = useEntrance();
  const template = useTemplate(templateId);
  const forms = useNodeForms();
  // The form keeps what it was filled from; later reads in the background must not overwrite it.
  const [opened, setOpened] = useState<Detail>();
  useEffect(() => {
    setOpened((known) => (known?.id === templateId ? known : template.data));
  }, [template.data, templateId]);
  if (!opened || opened.id !== templateId || !forms.data) {
    return (
      <DetailPage
        trail={[t('page.trail'), t('page.edit')]}
        backTo={`/${entrance}/templates`}
        isLoading={!template.error && !forms.error}
        error={template.error ?? forms.error}
        retry={() => void (template.error ? template : forms).refetch()}
      />
    );
  }
  return (
    <Forms value={forms.data}>
      <Designer key={`${opened.id} ${opened.version}`} template={opened} onReload={setOpened} />
    </Forms>
  );
}

function Designer({ template, onReload }: { template: Detail; onReload: (template: Detail) => void }) {
  const { t } = useTranslation('templates');
  const { message, modal } = App.useApp();
  const navigate = useNavigate();
  const entrance = useEntrance();
  const forms = useForms();
  const isRevision = template.state === 'published';
  const source = isRevision && template.revision ? template.revision : template;
  const initial = { name: source.name, description: source.description, nodes: source.nodes };
  const drafts = useDrafts<typeof initial>(['designer', `${template.id}.${template.version}`]);
  const [restored, setRestored] = useState(drafts.found);
  const { content, change, undo, redo } = useDraft(restored?.values ?? initial);
  const [saved, setSaved] = useState({ content: initial, version: template.version });
  const [selected, setSelected] = useState<string | undefined>(source.nodes[0]?.id);
  const [mode, setMode] = useState(() => localStorage.getItem(MODE) ?? 'canvas');
  const [violations, setViolations] = useState<Violation[]>([]);
  const [warnings, setWarnings] = useState<Violation[]>(template.warnings as Violation[]);
  const [conflict, setConflict] = useState<Detail>();
  const [isOffered, setOffered] = useState(true);
  /** Where a problem leads: its field, once its node's form is shown. */
  const [wanted, setWanted] = useState<Violation>();
  useEffect(() => {
    if (wanted?.node_id) {
      toField(wanted.node_id, wanted.field);
    }
  }, [wanted]);
  const isDirty = JSON.stringify(content) !== JSON.stringify(saved.content);
  const unsaved = useUnsaved(isDirty);
  useEffect(() => {
    if (isDirty) {
      drafts.keep(content);
    } else {
      drafts.drop();
    }
  }, [content, isDirty, drafts]);
  const { nodes } = content;
  const chosen = find(nodes, selected)?.node;
  const shown = stillThere(violations, nodes);
  const counts = countByNode(shown);

  const setNodes = (next: typeof nodes, changing?: string) => change({ ...content, nodes: next }, changing);
  const edit: NodeEdits = {
    add: (type, place) => {
      const kind = kindOf(forms, type);
      const node = newNode(kind, worded(kind.name, language()));
      setNodes(insert(nodes, place, node));
      setSelected(node.id);
    },
    move: (id, how) => setNodes(move(forms, nodes, id, how)),
    remove: (id) => {
      const node = find(nodes, id)?.node;
      const name = node?.name || t('editor.unnamed');
      const take = () => {
        setNodes(remove(nodes, id));
        setSelected(nodes[0]?.id);
      };
      if (node?.children?.length) {
        modal.confirm({
          title: t('editor.removeContainerAsk', { name, count: node.children.length }),
          okText: t('editor.remove'),
          okButtonProps: { danger: true },
          onOk: take,
        });
      } else {
        take();
      }
    },
  };

  const goTo = (problem: Violation) => {
    setSelected(problem.node_id ?? undefined);
    setWanted({ ...problem });
  };
  const show = (found: Violation[]) => {
    setViolations(found);
    const first = found.find(({ node_id }) => node_id);
    if (first) {
      setSelected(first.node_id ?? undefined);
    }
  };

  /** Refusals: at their nodes, at the name, as a conflict, or as a message. */
  const failed = async (error: unknown) => {
    if (error instanceof ApiError && (error.slug === 'version-conflict' || error.status === 412)) {
      setConflict(await readTemplate(template.id));
    } else if (error instanceof ApiError && isRevision && error.slug === 'template-published') {
      setOffered(false);
    } else if (error instanceof ApiError && error.fields.length > 0) {
      show(violationsOf(error, nodes));
    } else {
      void message.error(messageOf(error instanceof ApiError ? atName(error) : error, language()));
    }
  };

  const store = async (version: number) => {
    const body = { ...content, name: content.name.trim(), nodes: nodes as unknown as Nodes };
    const params = { path: { template_id: template.id } };
    const state = await answer(
      api.PUT('/api/v1/templates/{template_id}/content', { params, body, ...ifMatch(version) }),
    );
    setSaved({ content, version: state.version });
    setWarnings(state.warnings as Violation[]);
    return state.version;
  };
  const save = useMutation({
    mutationFn: (version: number) => store(version),
    onSuccess: () => {
      setViolations([]);
      void message.success(t('editor.saved'));
    },
    onError: (error) => void failed(error),
  });
  const params = { path: { template_id: template.id } };
  /** Saves and looks whether it can be published, before it is asked whether it shall be. */
  const check = useMutation({
    mutationFn: async () => {
      const version = isDirty ? await store(saved.version) : saved.version;
      const found = await answer(api.GET('/api/v1/templates/{template_id}/publication', { params }));
      return { version, found: found.items };
    },
    onSuccess: ({ version, found }) => {
      if (found.length > 0) {
        show(inFlowOrder(found, nodes));
      } else {
        void modal.confirm({
          title: t('editor.publishAsk'),
          okText: t('editor.publish'),
          onOk: () => publish.mutate(version),
        });
      }
    },
    onError: (error) => void failed(error),
  });
  const publish = useMutation({
    mutationFn: (version: number) =>
      api.POST('/api/v1/templates/{template_id}/publication', { params, ...ifMatch(version) }),
    onSuccess: () => {
      void message.success(t('editor.published'));
      drafts.drop();
      unsaved.release();
      void navigate(`/${entrance}/templates/${template.id}`);
    },
    onError: (error) => void failed(error),
  });
  const submit = useMutation({
    mutationFn: (version: number) =>
      api.PUT('/api/v1/templates/{template_id}/revision', {
        params: { path: { template_id: template.id } },
        body: { ...content, name: content.name.trim(), nodes: nodes as unknown as Nodes },
        ...ifMatch(version),
      }),
    onSuccess: () => {
      void message.success(t('editor.submitted'));
      drafts.drop();
      unsaved.release();
      void navigate(`/${entrance}/templates/${template.id}`);
    },
    onError: (error) => void failed(error),
  });
  const isPending = save.isPending || check.isPending || publish.isPending || submit.isPending;

  /** What cannot even be sent: rows with an unset choice (T-90), timeouts that are none (T-83). */
  const checked = (run: () => void) => () => {
    const wrong = (node: FlowNode) => wrongField(kindOf(forms, node.type), node);
    const incomplete = withIncompleteReminder(nodes) ?? inOrder(nodes).find((one) => wrong(one.node))?.node;
    if (content.name.trim() === '') {
      void message.error(t('create.invalid'));
    } else if (incomplete) {
      const field = wrong(incomplete);
      const what = { name: incomplete.name || t('editor.unnamed') };
      goTo({ node_id: incomplete.id, field: field?.name ?? 'reminders', code: 'incomplete', zh: '', en: '' });
      void message.error(
        field
          ? t('editor.wrongAt', { ...what, why: worded(field.wrong, language()) })
          : t('reminders.incomplete', what),
      );
    } else {
      run();
    }
  };
  const view = { nodes, selected, onSelect: setSelected, problems: counts, edit };
  const place = placeAfter(forms, nodes, selected);

  return (
    <DetailPage
      trail={[t('page.trail'), t(isRevision ? 'page.revise' : 'page.edit')]}
      backTo={`/${entrance}/templates`}
      title={content.name || t('editor.unnamed')}
      tags={
        <>
          <Tag>{t(isRevision ? 'list.published' : 'list.unpublished')}</Tag>
          <span className="secondary" aria-live="polite">
            {t(isDirty ? 'editor.dirty' : 'editor.clean')}
          </span>
        </>
      }
      extra={
        isRevision ? (
          <Button
            type="primary"
            loading={submit.isPending}
            disabled={!isDirty || isPending}
            onClick={checked(() => submit.mutate(saved.version))}
          >
            {t('editor.submit')}
          </Button>
        ) : (
          <>
            <Button loading={save.isPending} disabled={isPending} onClick={checked(() => save.mutate(saved.version))}>
              {t('editor.save')}
            </Button>
            <Button
              type="primary"
              loading={check.isPending || publish.isPending}
              disabled={isPending}
              onClick={checked(() => check.mutate())}
            >
              {t('editor.publish')}
            </Button>
          </>
        )
      }
    >
      {restored && isDirty && (
        <Restored
          at={restored.at}
          onDrop={() => {
            setRestored(undefined);
            change(initial);
          }}
        />
      )}
      {isRevision && <Alert type="info" showIcon title={t('page.readOnly')} className="form-refusal" />}
      <ProblemList nodes={nodes} violations={shown} warnings={stillThere(warnings, nodes)} onSelect={goTo} />
      <div className="card section designer-head">
        <div>
          <label htmlFor="template-name" className="needed">
            {t('list.name')}
          </label>
          <Input
            id="template-name"
            value={content.name}
            maxLength={NAME_LENGTH}
            aria-required
            status={content.name.trim() === '' ? 'error' : ''}
            onChange={(event) => change({ ...content, name: event.target.value }, 'name')}
          />
        </div>
        <div>
          <label htmlFor="template-description">{t('list.description')}</label>
          <Input
            id="template-description"
            value={content.description}
            maxLength={500}
            onChange={(event) => change({ ...content, description: event.target.value }, 'description')}
          />
        </div>
      </div>
      <div className="designer">
        <section className="card section" aria-label={t('page.nodes')}>
          <Flex justify="space-between" align="center" wrap gap="small" className="designer-tools">
            <Segmented
              aria-label={t('editor.mode')}
              value={mode}
              options={[
                { value: 'canvas', label: t('editor.canvas') },
                { value: 'sequence', label: t('editor.sequence') },
              ]}
              onChange={(value) => {
                localStorage.setItem(MODE, value);
                setMode(value);
              }}
            />
            <Flex gap="small">
              <Button icon={<UndoOutlined />} disabled={!undo} onClick={undo}>
                {t('editor.undo')}
              </Button>
              <Button icon={<RedoOutlined />} disabled={!redo} onClick={redo}>
                {t('editor.redo')}
              </Button>
              <AddNode
                primary
                inside={place.parentId !== undefined}
                label={t('editor.add')}
                onAdd={(type) => edit.add(type, kindOf(forms, type).place === 'last' ? { index: nodes.length } : place)}
              >
                {t('editor.add')}
              </AddNode>
            </Flex>
          </Flex>
          {mode === 'canvas' ? (
            <Suspense fallback={<Waiting />}>
              <Canvas {...view} onMoveTo={(id, index) => setNodes(moveTo(forms, nodes, id, index))} />
            </Suspense>
          ) : (
            <NodeOutline {...view} />
          )}
        </section>
        <section className="card section" aria-label={chosen?.name ?? t('page.pickEdit')}>
          {chosen ? (
            <>
              <Flex justify="space-between" align="center">
                <h2 className="panel-title">{worded(kindOf(forms, chosen.type).name, language())}</h2>
                {mode === 'canvas' && <RowEdits nodes={nodes} node={chosen} edit={edit} />}
              </Flex>
              <NodeForm
                key={chosen.id}
                nodes={nodes}
                node={chosen}
                violations={shown.filter(({ node_id }) => node_id === chosen.id)}
                warnings={warnings.filter(({ node_id }) => node_id === chosen.id)}
                onChange={(node, field) => {
                  setNodes(replace(nodes, node), `${node.id} ${field}`);
                  // What was typed anew is no longer what was refused.
                  setViolations(violations.filter((one) => one.node_id !== node.id || !concerns(one.field, field)));
                }}
              />
            </>
          ) : (
            <Empty description={t('page.pickEdit')} />
          )}
        </section>
      </div>
      {conflict && (
        <ConflictDialog
          title={t('conflict.title')}
          text={t('conflict.text', { version: conflict.version })}
          onReload={() => onReload(conflict)}
          onOverwrite={() => {
            setSaved({ ...saved, version: conflict.version });
            setConflict(undefined);
            isRevision ? submit.mutate(conflict.version) : save.mutate(conflict.version);
          }}
          onClose={() => setConflict(undefined)}
        />
      )}
      {!isOffered && <NotOffered content={content} onClose={() => setOffered(true)} />}
    </DetailPage>
  );
}

/** Brings a field of the form shown into sight and puts the focus into it. */
function toField(nodeId: string, field: string | null): void {
  const place = document.getElementById(fieldId(nodeId, field ?? 'name')) ?? document.querySelector('.node-form');
  const control = place?.matches('input, button, textarea')
    ? place
    : (place?.querySelector('input:not(:disabled), button') ?? place);
  place?.scrollIntoView({ block: 'center' });
  (control as HTMLElement | null)?.focus({ preventScroll: true });
}

function concerns(field: string | null, changed: string): boolean {
  return field !== null && changed.split(',').some((one) => field === one || field.startsWith(`${one}.`));
}
