package host

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/goparallel/goparallel/internal/parallel/launch"
)

// The host leads a session of its own (in the sense of setsid). So the processes of
// that session are what cells have started, however they did it, and what those have
// started; whoever wants to outlive the notebook begins a session of his own. An
// interrupt ends those of the interrupted cell, and the watcher (watch.go) all of
// them when the host has ended.

const (
	// killAfter is how long processes may take to end when they are asked to.
	killAfter = 500 * time.Millisecond
	// killLimit bounds how long the end of killed ones is awaited: it may not be in
	// anybody's power.
	killLimit = 2 * time.Second
	lookAgain = 10 * time.Millisecond
)

// proc is what /proc tells of one.
type proc struct {
	pid, parent, group, session int
	start                       uint64 // in ticks of 10 ms since the machine started
}

// sessionOf lists the processes of a session that have not ended.
func sessionOf(leader int) []proc {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var list []proc
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			if p, ok := readProcess(pid); ok && p.session == leader {
				list = append(list, p)
			}
		}
	}
	return list
}

// readProcess reports false for a process that has ended.
func readProcess(pid int) (p proc, ok bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return p, false
	}
	// The second field is the program's name, in parentheses, and may hold anything.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return p, false
	}
	p.pid = pid
	for i, to := range []*int{&p.parent, &p.group, &p.session} {
		if *to, err = strconv.Atoi(fields[1+i]); err != nil {
			return p, false
		}
	}
	p.start, err = strconv.ParseUint(fields[19], 10, 64)
	return p, err == nil
}

// moment is a time to compare processes' starts with: the tick, and which process
// was the latest then.
type moment struct {
	tick   uint64
	latest int
}

func now() (m moment) {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &t) == nil {
		m.tick = uint64(t.Nano()) / uint64(10*time.Millisecond)
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		if fields := strings.Fields(string(load)); len(fields) == 5 {
			m.latest, _ = strconv.Atoi(fields[4])
		}
	}
	return m
}

// startedAfter reports whether a process started after a moment.
func (p proc) startedAfter(m moment) bool {
	return p.start > m.tick || p.start == m.tick && p.pid > m.latest
}

// family lists, by their numbers, the processes for which roots is true, and all that
// these have started.
func family(all []proc, roots func(proc) bool) map[int]bool {
	members := make(map[int]bool)
	for grown := true; grown; {
		grown = false
		for _, p := range all {
			if !members[p.pid] && (roots(p) || members[p.parent]) {
				members[p.pid], grown = true, true
			}
		}
	}
	return members
}

// startedBetween lists the processes of this one's session that were started between
// two moments, and all that these have started, but not engines, which end as their
// clients say, and what they have started.
func startedBetween(from, to moment) []proc {
	all := sessionOf(os.Getpid())
	engines := launch.Pids()
	spared := family(all, func(p proc) bool { return slices.Contains(engines, p.group) })
	spared[os.Getpid()] = true
	meant := family(all, func(p proc) bool {
		return !spared[p.pid] && p.startedAfter(from) && !p.startedAfter(to)
	})
	return slices.DeleteFunc(all, func(p proc) bool { return !meant[p.pid] || spared[p.pid] })
}

// startedByEngineBetween does the same on an engine, whose session is that of its host: an
// engine leads a group.
func startedByEngineBetween(from, to moment) []proc {
	leader, err := unix.Getsid(0)
	if err != nil {
		return nil
	}
	all := sessionOf(leader)
	ours := family(all, func(p proc) bool { return p.group == unix.Getpgrp() || p.parent == os.Getpid() })
	meant := family(all, func(p proc) bool {
		return ours[p.pid] && p.pid != os.Getpid() && p.startedAfter(from) && !p.startedAfter(to)
	})
	return slices.DeleteFunc(all, func(p proc) bool { return !meant[p.pid] })
}

// endChildren ends the processes that were started since a moment.
func endChildren(since moment) {
	if leader, err := unix.Getsid(0); err != nil || leader != os.Getpid() {
		return // the session is not the host's alone
	}
	stopped := now()
	end(func() []proc { return startedBetween(since, stopped) })
}

// endEngineChildren does the same on an engine.
func endEngineChildren(since moment) {
	stopped := now()
	end(func() []proc { return startedByEngineBetween(since, stopped) })
}

// end ends processes: those that do not end when they are asked to are killed.
func end(list func() []proc) {
	left := list()
	signal(left, unix.SIGTERM)
	signal(left, unix.SIGCONT)
	for limit := time.Now().Add(killAfter); len(left) > 0 && time.Now().Before(limit); left = list() {
		time.Sleep(lookAgain)
	}
	killAll(list)
}

// killAll kills processes, and those that come into being meanwhile.
func killAll(list func() []proc) {
	for limit := time.Now().Add(killLimit); time.Now().Before(limit); time.Sleep(lookAgain) {
		left := list()
		if len(left) == 0 {
			return
		}
		signal(left, unix.SIGKILL)
	}
}

// signal sends a signal. A process that has ended needs none.
func signal(list []proc, s unix.Signal) {
	for _, p := range list {
		_ = unix.Kill(p.pid, s)
	}
}
