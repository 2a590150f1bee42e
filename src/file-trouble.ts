const WORDS: Record<string, string> = {
  EACCES: "permission denied",
  EPERM: "permission denied, or the file is open in another program",
  EBUSY: "the file is open in another program",
  ENOSPC: "the disk is full",
  EDQUOT: "your share of the disk is used up",
  EROFS: "the disk can only be read",
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "there is a file of that name where a folder is needed",
  EISDIR: "it is a folder",
  ENAMETOOLONG: "the name is too long",
};

/** Why a file or folder could not be read or written, in words; the system's own where there are none. */
export function fileTrouble(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return WORDS[code ?? ""] ?? code ?? message;
}
