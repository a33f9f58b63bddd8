package text

import (
	"reflect"
	"time"
)

// First returns the first n keys of a map, in the order in which fmt prints them, with
// their values. A map is looked at once, for a second at most: of a larger one all is
// false, and the keys are the first of those seen.
func First(m reflect.Value, n int) (keys, values []reflect.Value, all bool) {
	entries, all := firstEntries(m, n, time.Now().Add(scanTime))
	for _, e := range entries {
		keys, values = append(keys, e.key), append(values, e.value)
	}
	return keys, values, all
}
