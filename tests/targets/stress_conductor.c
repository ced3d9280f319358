// SPDX-License-Identifier: GPL-2.0
/*
 * stress_conductor BOARD BIN DIR SECONDS WANTED SEED MODULE CALM...: the stress run.
 * Starts targets and callers, again and again, and does to them what can happen
 * to them: kills, stops, traces, moves and freezes them, and tries to unload the
 * module. CALM are the ids of up to two processes that are dumped, and nothing
 * else is done to them.
 *
 * WANTED is "NAME=N NAME=N ...", names as they are printed: the run goes on, up to a
 * limit, until there was as much of each. What happens how often in SECONDS is a matter
 * of how busy the machine is with others, and of chance.
 *
 * It watches that whoever is there gets on: every thread of a target beats, and
 * every caller makes requests, within a time that is long against all that may
 * hold them. In the end it prints what there was, "NAME N" a line, then a
 * "complaint: ..." for each.
 *
 * What each actor does, and in which order, depends on the seed alone; how the
 * actors meet does not.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>

#include "stress_actors.h"

#define CGROUPS 3

static const char *module;
static uint64_t state;

static const char * const count_names[COUNTS] = {
	"requests", "mutated", "dumps", "denied", "read", "left", "forks",
	"sharers", "execs", "threads", "mappings", "cuts", "stops", "pages",
	"early", "killed_targets", "killed_callers", "stopped", "seized",
	"debugged", "moved", "frozen", "busy", "reloaded", "steps",
};

static const char * const mode_names[] = {
	"?", "mode_snapshot", "mode_stop", "mode_live", "mode_threads",
};

#define MODES ((int)(sizeof(mode_names) / sizeof(mode_names[0])))

static uint32_t wanted[COUNTS], wanted_modes[MODES];

/* What was seen last of a thread or a caller, and since when. */
struct watch {
	uint32_t id, beats;
	double since;
};

static struct watch thread_watch[STRESS_SEATS][STRESS_THREADS], caller_watch[STRESS_CALLERS];

static void cgroup_put(int number, const char *file, const char *text)
{
	char path[100];

	snprintf(path, sizeof(path), "/sys/fs/cgroup/stress-%d/%s", number, file);
	put_text(path, text);
}

/* ---- the watch */

static void watch(struct watch *seen, uint32_t id, uint32_t beats, const char *what, int a, int b)
{
	double at = now();

	if (!id || seen->id != id || seen->beats != beats || !seen->since) {
		seen->id = id;
		seen->beats = beats;
		seen->since = at;
	} else if (at - seen->since > patience) {
		complain("%s %d.%d, %d, does not get on", what, a, b, id);
		seen->since = at;
		put_text("/proc/sysrq-trigger", "t");
	}
}

static void watch_all(void)
{
	for (int i = 0; i < STRESS_SEATS; i++)
		for (int j = 0; j < STRESS_THREADS; j++)
			watch(&thread_watch[i][j], atomic_load(&board->seat[i].thread[j].tid),
			      atomic_load(&board->seat[i].thread[j].beats), "thread", i, j);
	for (int i = 0; i < STRESS_CALLERS; i++)
		watch(&caller_watch[i], caller_pid[i], atomic_load(&board->caller[i]),
		      "caller", i, 0);
}

/*
 * Targets stop themselves. And who is being forked while its process group is stopped and
 * told to go on may be left stopped: the kernel keeps SIGSTOP for it until fork() is done,
 * and a SIGCONT that its parent ignores does not take that back.
 */
static void nap_watching(long ms)
{
	nap_ms(ms);
	for (int i = 0; i < TARGETS; i++)
		kill(target_pid[i], SIGCONT);
	if (ns_group)
		kill(-ns_group, SIGCONT);
	reap();
	watch_all();
}

/* ---- what happens to them */

/* Whoever is killed dies. */
static void kill_now(pid_t address, pid_t *pid, const char *what, int i)
{
	pid_t victim = *pid;
	double end = now() + patience;

	if (!victim)
		return;
	kill(address, SIGKILL);
	while (*pid == victim) {
		nap_ms(2);
		reap();
		if (now() < end)
			continue;
		complain("%s %d, %d, does not die", what, i, victim);
		put_text("/proc/sysrq-trigger", "t");
		return;
	}
}

static void stop_and_go(pid_t pid, uint32_t ms)
{
	if (!pid)
		return;
	stress_add(COUNT_STOPPED);
	kill(pid, SIGSTOP);
	nap_ms(ms);
	kill(pid, SIGCONT);
}

/*
 * One of each kind at a time. A tracer whose tracee was killed may wait for its
 * leader for ever, which waits for the other threads to be waited for.
 */
static void tool_start(int which, pid_t pid)
{
	char seize[300], text[16];

	if (tool_pid[which])
		return;
	snprintf(seize, sizeof(seize), "%s/seize", bin);
	snprintf(text, sizeof(text), "%d", pid);
	tool_pid[which] = fork();
	if (tool_pid[which])
		return;
	dup2(open("/dev/null", O_RDWR), 1);
	dup2(1, 2);
	/* Well before somebody complains that it holds others up. */
	alarm(which ? patience / 2 : patience / 40);
	if (which)
		execlp("gdb", "gdb", "-nx", "-batch", "-p", text, "-ex",
		       "thread apply all bt 2", NULL);
	else
		execl(seize, "seize", text, NULL);
	_exit(1);
}

static void move(pid_t pid, int cgroup)
{
	char text[16];

	if (!pid)
		return;
	stress_add(COUNT_MOVED);
	snprintf(text, sizeof(text), "%d", pid);
	cgroup_put(cgroup, "cgroup.procs", text);
}

static void freeze(int cgroup, uint32_t ms)
{
	stress_add(COUNT_FROZEN);
	cgroup_put(cgroup, "cgroup.freeze", "1");
	nap_ms(ms);
	cgroup_put(cgroup, "cgroup.freeze", "0");
}

/* ---- the module */

static void module_load(void)
{
	static const char * const yes_no[] = { "N", "Y" };
	char parameters[200];
	int fd = open(module, O_RDONLY | O_CLOEXEC);
	uint32_t dumps = 1 + stress_below(&state, 4), stall = 3000 + stress_below(&state, 7000);
	uint32_t catch = 50 + stress_below(&state, 950), pool = 1 + stress_below(&state, 32);

	snprintf(parameters, sizeof(parameters),
		 "max_dumps=%u stall_ms=%u catch_ms=%u pool_mib=%u zero_copy=%s",
		 dumps, stall, catch, pool, yes_no[stress_below(&state, 2)]);
	if (fd < 0 || syscall(SYS_finit_module, fd, parameters, 0))
		complain("loading the module with %s: %m", parameters);
	close(fd);
}

/* A module that is in use says so. */
static int module_unload(void)
{
	if (!syscall(SYS_delete_module, "procdump", O_NONBLOCK)) {
		stress_add(COUNT_RELOADED);
		return 0;
	}
	if (errno != EWOULDBLOCK)
		complain("unloading the module: %m");
	stress_add(COUNT_BUSY);
	return -1;
}

/* Without callers nothing keeps the module for long. */
static void drain(int kills)
{
	double end = now() + patience;
	int alive;

	draining = 1;
	atomic_store(&board->stop, 1);
	for (int i = 0; kills && i < STRESS_CALLERS; i++) {
		if (!caller_pid[i])
			continue;
		stress_add(COUNT_KILLED_CALLERS);
		kill(caller_address(i), SIGKILL);
	}
	do {
		nap_watching(5);
		alive = 0;
		for (int i = 0; i < STRESS_CALLERS; i++)
			alive += !!caller_left(i);
		if (now() > end) {
			complain("%d callers do not end", alive);
			break;
		}
	} while (alive);
}

static void reload(int kills)
{
	double end;

	drain(kills);
	end = now() + patience;
	while (module_unload()) {
		nap_watching(5);
		if (now() < end)
			continue;
		complain("nobody uses the module, and it cannot be unloaded");
		break;
	}
	if (now() < end)
		module_load();
	atomic_store(&board->stop, 0);
	draining = 0;
	reap();
}

static void step(void)
{
	uint32_t what = stress_below(&state, 100), ms = stress_below(&state, 250);
	int target = stress_below(&state, TARGETS), caller = stress_below(&state, STRESS_CALLERS);
	int cgroup = stress_below(&state, CGROUPS), kills = stress_below(&state, 2);

	stress_add(COUNT_STEPS);
	if (what < 12) {
		stress_add(COUNT_KILLED_TARGETS);
		kill_now(target_pid[target], &target_pid[target], "target", target);
	} else if (what < 24) {
		stress_add(COUNT_KILLED_CALLERS);
		kill_now(caller_address(caller), &caller_pid[caller], "caller", caller);
	} else if (what < 34) {
		stop_and_go(target_pid[target], ms);
	} else if (what < 40) {
		stop_and_go(caller_address(caller), ms);
	} else if (what < 55) {
		tool_start(0, target_pid[target]);
	} else if (what < 60) {
		tool_start(1, target_pid[target]);
	} else if (what < 72) {
		move(target_pid[target], cgroup);
	} else if (what < 76) {
		move(caller_pid[caller], cgroup);
	} else if (what < 84) {
		freeze(cgroup, ms);
	} else if (what < 97) {
		if (!module_unload())
			module_load();
	} else {
		reload(kills);
	}
	nap_watching(ms / 2);
}

/* All callers are gone: does everybody run? */
static void last_look(void)
{
	struct watch before[STRESS_SEATS][STRESS_THREADS];
	double end = now() + patience;
	int still;

	memcpy(before, thread_watch, sizeof(before));
	do {
		nap_watching(20);
		still = 0;
		for (int i = 0; i < TARGETS; i++)
			for (int j = 0; j < STRESS_THREADS; j++)
				still += thread_watch[i][j].id &&
					 thread_watch[i][j].id == before[i][j].id &&
					 thread_watch[i][j].beats == before[i][j].beats;
		if (now() > end) {
			complain("%d threads do not run after the last dump", still);
			return;
		}
	} while (still);
}

static void print_all(void)
{
	static const char * const commands[] = { "info", "dump", "kernel", "none" };

	for (int i = 0; i < COUNTS; i++)
		printf("%s %u\n", count_names[i], board->count[i]);
	for (int i = 1; i < MODES; i++)
		printf("%s %u\n", mode_names[i], board->modes[i]);
	for (int i = 0; i <= STRESS_NONE; i++)
		for (int j = 0; j < STRESS_ERRNOS; j++)
			if (board->answers[i][j])
				printf("%s_%s %u\n", commands[i],
				       j ? strerrorname_np(j) : "0", board->answers[i][j]);
	printf("complaints %u\n", board->complaints);
	for (uint32_t i = 0; i < board->complaints && i < STRESS_COMPLAINTS; i++)
		printf("complaint: %s\n", board->complaint[i]);
}

static uint32_t *wanted_of(const char *name)
{
	for (int i = 0; i < COUNTS; i++)
		if (!strcmp(name, count_names[i]))
			return &wanted[i];
	for (int i = 1; i < MODES; i++)
		if (!strcmp(name, mode_names[i]))
			return &wanted_modes[i];
	return NULL;
}

static int wanted_read(char *list)
{
	char *entry, *number;
	uint32_t *to;

	for (entry = strtok(list, " "); entry; entry = strtok(NULL, " ")) {
		number = strchr(entry, '=');
		if (!number)
			return -1;
		*number++ = 0;
		to = wanted_of(entry);
		if (!to)
			return -1;
		*to = strtoul(number, NULL, 0);
	}
	return 0;
}

static int enough(void)
{
	for (int i = 0; i < COUNTS; i++)
		if (board->count[i] < wanted[i])
			return 0;
	for (int i = 1; i < MODES; i++)
		if (board->modes[i] < wanted_modes[i])
			return 0;
	return 1;
}

int main(int argc, char **argv)
{
	double end;

	if (argc < 8 || argc > 10 || wanted_read(argv[5])) {
		fputs("stress_conductor BOARD BIN DIR SECONDS WANTED SEED MODULE CALM...\n",
		      stderr);
		return 2;
	}
	board_path = argv[1];
	bin = argv[2];
	dir = argv[3];
	seed = strtoull(argv[6], NULL, 0);
	module = argv[7];
	state = stress_seed(seed, 'x', 0, 0);
	if (getenv("VM_SLOW"))
		patience *= atoi(getenv("VM_SLOW"));
	stress_map(board_path);
	/* What is left of a process group comes to us. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int i = 8; i < argc; i++)
		atomic_store(&board->seat[STRESS_SEAT_NS + i - 7].pid, atoi(argv[i]));
	for (int i = 0; i < TARGETS; i++)
		target_start(i);
	reap();
	end = now() + atof(argv[4]);
	while (now() < end || (!enough() && now() < end + 4 * patience))
		step();
	drain(0);
	last_look();
	for (int i = 0; i < TARGETS; i++)
		kill(target_pid[i], SIGKILL);
	print_all();
	return board->complaints ? 1 : 0;
}
