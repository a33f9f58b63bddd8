package controller

import "regexp"

// cures are what helps against ends of nodes, by what their systems, or they, say of it.
var cures = []struct {
	says *regexp.Regexp
	cure string
}{
	{regexp.MustCompile(`GLIBC(XX)?_[0-9.]+' not found`), "the C library there is older than the program wants: build it with CGO_ENABLED=0, or on the oldest machine"},
	{regexp.MustCompile(`(?i)no space left on device|disk quota exceeded`), "make room there, or set XDG_CACHE_HOME and TMPDIR to folders that have some"},
	{regexp.MustCompile(`Host key for \S+ has changed`), "if the host was installed anew, remove its old key as the lines below say, and log in once by hand"},
	{regexp.MustCompile(`Host key verification failed`), "log in once by hand, so that ssh knows the host"},
	{regexp.MustCompile(`Permission denied \(`), "ssh asks for no password here: give the host a key of yours, by ssh-copy-id"},
	{regexp.MustCompile(`JobLaunchFailure`), "the node could not begin the job: it must see the folder for jobs, and be able to write where --output says"},
	{regexp.MustCompile(`OUT_OF_MEMORY`), "ask for more memory, or for fewer engines on a node"},
	{regexp.MustCompile(`TIMEOUT`), "ask for more time, or make items shorter"},
}

// cure says what helps against an end of which this is said, "; " before it, or is "" where nobody knows.
func cure(said string) string {
	for _, c := range cures {
		if c.says.MatchString(said) {
			return "; " + c.cure
		}
	}
	return ""
}
