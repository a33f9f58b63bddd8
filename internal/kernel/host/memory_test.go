package host

import (
	"strings"
	"testing"
)

func TestParseMemory(t *testing.T) {
	for text, want := range map[string]int64{
		"4GiB": 4 << 30, "512 MiB": 512 << 20, "1.5GiB": 3 << 29, "1073741824": 1 << 30, "1TiB": 1 << 40, "262144KiB": 256 << 20, "268435456B": 256 << 20,
	} {
		if got, err := ParseMemory(text); err != nil || got != want {
			t.Errorf("%s is %d (%v), want %d", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"": "no amount", "4": "too small", "100MiB": "too small", "much": "no amount", "-4GiB": "no amount", "NaNGiB": "no amount", "4GB": "no amount", "1e30TiB": "no amount",
	} {
		if got, err := ParseMemory(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %d (%v), want %q", text, got, err, want)
		}
	}
	for bytes, want := range map[int64]string{256 << 20: "256 MiB", 1 << 30: "1 GiB", 20_401_094_656: "19 GiB", 3 << 29: "1.5 GiB"} {
		if got := FormatMemory(bytes); got != want {
			t.Errorf("%d is written %q, want %q", bytes, got, want)
		}
	}
	if m := DefaultMemory(); m < minMemory || m > 1<<50 {
		t.Errorf("the default is %d", m)
	}
}
