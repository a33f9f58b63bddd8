package session_test

import "testing"

// TestCodeInCOfTheStandardLibrary uses each package of the standard library that has some.
func TestCodeInCOfTheStandardLibrary(t *testing.T) {
	n := open(t)
	n.expect("import (\"os/user\"; \"strconv\"; \"os\")\nu, err := user.Current()\nu.Uid == strconv.Itoa(os.Getuid()), err", "true <nil>\n")
	n.expect("_, err = user.Lookup(\"nobody at all\")\nerr == user.UnknownUserError(\"nobody at all\")", "true\n")
	n.expect("import \"archive/tar\"\nh, err := tar.FileInfoHeader(func() os.FileInfo { i, _ := os.Stat(\".\"); return i }(), \"\")\nh.Typeflag == tar.TypeDir, err", "true <nil>\n")
	n.expect("import (\"context\"; \"net\")\nip, err := (&net.Resolver{}).LookupHost(context.Background(), \"127.0.0.1\")\nip, err", "[127.0.0.1] <nil>\n")
	n.expect("import \"plugin\"\n_, err = plugin.Open(\"/none.so\")\nerr != nil", "true\n")
}
