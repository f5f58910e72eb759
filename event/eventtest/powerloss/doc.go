// Package powerloss answers: what would be left of a process's files if the
// power failed now?
//
// A process that is killed proves little about durability: the kernel has what
// it wrote, synced or not. So [Record] runs a process under strace and keeps
// every system call on files below a directory, with the data, and
// [Trace.Survive] writes to another directory what a disk would hold that kept
// only what had been synced at some moment. A test opens its log there and
// looks for everything that had been acknowledged at that moment; the
// acknowledgements are the lines that the process wrote to its standard
// output, which are in the same order of time.
//
// What survives a moment, of the calls that had returned by then:
//   - contents of a file: what was written before an fsync or fdatasync of the
//     file began, and what was written through O_SYNC or O_DSYNC;
//   - names (created, renamed, removed): those in a directory before an fsync
//     of the directory began, and all that POSIX promises is [Strict].
//     [Journaled] adds what ext4, XFS and btrfs do: an fsync of a file or
//     directory, and a write through O_SYNC, also keep the name it has then
//     and the names of the directories above.
//
// Everything else is lost, or, given a source of randomness, survives in part:
// each write that was not synced is there, or is not, or is cut short.
//
// This package is for tests. It must never guess: a system call that changes
// files in a way that it does not model is an error.
package powerloss
