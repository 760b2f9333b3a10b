/** What can be uploaded, as the server tells it: types and size. Known before a file is sent, and said beside the button. */
import { useQuery } from '@tanstack/react-query';
import { answer, api, type Schema } from '../../api';

export type FileRules = Schema<'ProjectFileRules'>;

export function useFileRules(): FileRules | undefined {
  const rules = useQuery({
    queryKey: ['file-types'],
    queryFn: () => answer(api.GET('/api/v1/file-types')),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return rules.data;
}

/** As the picker of the browser wants it. */
export function acceptOf(rules: FileRules | undefined): string | undefined {
  return rules?.types.map(({ extension }) => `.${extension}`).join(',');
}

/** The groups in the order of the server, each with its extensions. */
export function groupsOf(rules: FileRules): [group: string, extensions: string[]][] {
  const groups = new Map<string, string[]>();
  for (const { group, extension } of rules.types) {
    groups.set(group, [...(groups.get(group) ?? []), extension]);
  }
  return [...groups];
}

const MEGABYTE = 1024 * 1024;

export function megabytes(bytes: number): number {
  return Math.round((bytes / MEGABYTE) * 10) / 10;
}

export type Fault =
  | { why: 'empty' }
  | { why: 'large'; size: number; limit: number }
  | { why: 'type'; extension: string; limit: number };

/** Why the server would refuse a file, as far as its name and size tell. */
export function faultOf(rules: FileRules | undefined, file: Pick<File, 'name' | 'size'>): Fault | undefined {
  if (rules === undefined) {
    return undefined; // the server says it
  }
  const [limit, dot] = [megabytes(rules.limit), file.name.lastIndexOf('.')];
  const extension = dot < 0 ? '' : file.name.slice(dot + 1).toLowerCase();
  if (!rules.types.some((type) => type.extension === extension)) {
    return { why: 'type', extension: extension && `.${extension}`, limit };
  }
  if (file.size > rules.limit) {
    return { why: 'large', size: megabytes(file.size), limit };
  }
  return file.size === 0 ? { why: 'empty' } : undefined;
}
