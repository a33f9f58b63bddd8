package plan

import "testing"

func TestEachItemIsInExactlyOneSpan(t *testing.T) {
	for items := range 40 {
		for engines := 1; engines < 6; engines++ {
			check := func(name string, spans []Span) {
				t.Helper()
				seen := make([]int, items)
				for _, s := range spans {
					for i := range s.Count {
						seen[s.First+i]++
					}
				}
				for i, n := range seen {
					if n != 1 {
						t.Errorf("%s(%d, %d): item %d is in %d spans", name, items, engines, i, n)
					}
				}
			}
			check("Shares", Shares(items, engines))
			for chunk := 1; chunk < 5; chunk++ {
				var all []Span
				for _, hand := range RoundRobin(items, engines, chunk) {
					all = append(all, hand...)
				}
				check("RoundRobin", all)
			}
		}
	}
}

func TestSharesAreEqual(t *testing.T) {
	if s := Shares(7, 3); s[0].Count != 3 || s[1].Count != 2 || s[2].Count != 2 {
		t.Error(s)
	}
}

func TestRoundRobinDeals(t *testing.T) {
	hands := RoundRobin(5, 2, 2)
	if len(hands[0]) != 2 || hands[0][1] != (Span{4, 1}) || len(hands[1]) != 1 || hands[1][0] != (Span{2, 2}) {
		t.Error(hands)
	}
}
