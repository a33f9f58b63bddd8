package process

import (
	"fmt"
	"os"
	"strings"
)

// Began says when a process of this machine began, in Linux's words, which no other process of the same number has, also after the machine has
// been started again. It is "" where the process does not run, also where it has ended and nobody has asked how.
func Began(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	stat := string(text)
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:]) // the command's name, in parentheses, may hold anything
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return ""
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return fields[19] // time since the machine was started
	}
	return strings.TrimSpace(string(boot)) + " " + fields[19]
}
