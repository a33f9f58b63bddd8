package process

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A control group limits what its processes may use together: a container has one, and a job of a batch system. Where its memory runs out
// the kernel ends one of them by SIGKILL, and says so in the group's files alone.

// groupRoot is where systems mount control groups.
const groupRoot = "/sys/fs/cgroup"

// MemoryLimit returns the bytes of memory that this process's control group and those around it may use, or math.MaxInt64 where there is no
// limit.
func MemoryLimit() int64 {
	limit := int64(math.MaxInt64)
	for _, file := range groupFiles("memory.max", "memory.limit_in_bytes", true) {
		text, err := os.ReadFile(file)
		if n, err2 := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && err2 == nil && n > 0 {
			limit = min(limit, n)
		}
	}
	return limit
}

// Starved returns how many processes of this one's control group the kernel has ended because memory ran out, 0 where that is not known.
func Starved() (ended int) {
	for _, file := range groupFiles("memory.events", "memory.oom_control", false) {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if count, ok := strings.CutPrefix(strings.TrimSpace(line), "oom_kill "); ok {
				n, _ := strconv.Atoi(count)
				ended += n
			}
		}
	}
	return ended
}

// groupFiles lists the files of a name, which is another one in the first version of control groups, of this process's group and, where they
// count, of those around it.
func groupFiles(name, old string, around bool) (files []string) {
	groups, _ := os.ReadFile("/proc/self/cgroup") // without it there are none
	for line := range strings.Lines(string(groups)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) < 3 {
			continue
		}
		for dir := filepath.Clean("/" + fields[2]); ; dir = filepath.Dir(dir) {
			switch fields[1] {
			case "":
				files = append(files, filepath.Join(groupRoot, dir, name))
			case "memory":
				files = append(files, filepath.Join(groupRoot, "memory", dir, old))
			}
			if !around || dir == "/" {
				break
			}
		}
	}
	return files
}
