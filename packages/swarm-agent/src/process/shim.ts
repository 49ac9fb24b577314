/**
 * The shell script between agent and task, called with: folder of the task, number of its stop signal, command.
 *
 * It outlives the agent, so that somebody waits for the command and keeps its exit code. It writes
 *
 *     shim   its own pid and start time, first of all; the file must not exist yet, so a task cannot start twice
 *     pid    pid and start time of the command
 *     exit   the exit code
 *
 * each in one write that ends with a line feed: a file without it does not count yet. A signal to the process group
 * reaches the script too; a trap with a command (other than an ignored signal) is not inherited by the task. The command
 * is started in the foreground, since shells let background commands ignore SIGINT. Once the command has ended, what it
 * left in its process group is killed, as the end of a container's first process ends the container.
 */
export const SHIM_SCRIPT = `
waggle_dir=$1; waggle_stop=$2; shift 2
trap : HUP INT QUIT USR1 USR2 PIPE ALRM TERM "$waggle_stop"
set -C
if { IFS= read -r waggle_start <"/proc/$$/stat"; } 2>/dev/null; then :; else waggle_start=$(ps -o lstart= -p $$); fi
printf '%s %s\\n' "$$" "$waggle_start" >"$waggle_dir/shim" || exit 125
/bin/sh -c '
waggle_dir=$1; shift
if { IFS= read -r waggle_start <"/proc/$$/stat"; } 2>/dev/null; then :; else waggle_start=$(ps -o lstart= -p $$); fi
printf "%s %s\\n" "$$" "$waggle_start" >"$waggle_dir/pid" || exit 125
unset waggle_dir waggle_start
exec "$@"
' waggle-task "$waggle_dir" "$@"
printf '%s\\n' "$?" >"$waggle_dir/exit"
kill -s KILL 0
`;
