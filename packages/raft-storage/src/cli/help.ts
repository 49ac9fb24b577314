export const HELP = `raft-log: looks into the directory of a raft-storage file store

  raft-log dump DIR [--from INDEX] [--to INDEX] [--json]
      Prints every record in the order in which it was written. An entry replaces an earlier one of the same index and
      all after it. --from and --to show only the entries in that range. --json prints one object per line, data in base64.
      On a damaged log all that is whole before the damage is printed, then the damage.

  raft-log verify DIR [--json]
      Reads everything, snapshots too, checks every checksum, and says what the log holds.

  raft-log truncate DIR --after INDEX [--yes]
      Drops the entries above INDEX of a log that is whole. The commit index in the hard state is lowered to INDEX.

  raft-log truncate DIR --after FILE@OFFSET [--yes]
      Drops all that stands at OFFSET of that segment and behind it: the way to open a damaged log again. File and
      offset are those that the error of damage names.

  Of an encrypted store:  --key-file FILE
      Lines of "ID BASE64", as many as there are keys of 32 bytes. Stores that ask a key service cannot be read this way.

dump and verify change nothing, take no lock, and may be used while a store is open: they see what was written when each
file was read. The last records may then not be synced yet, and an unfinished one at the end is a write under way.

truncate refuses while a process has the store open, and without --yes only says what it would do. A member that forgets
entries or a vote that it has acknowledged can break the promise of Raft. Prefer to remove the member from its group, delete
its directory, and let it join anew. Copy the directory first.

exit status
  0  whole (an unfinished write at the end is normal after a crash), or done
  1  damaged
  2  used wrongly, or --yes is missing
  3  a process has the store open
  4  could not be read or written`;
