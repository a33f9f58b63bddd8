package kernel

import (
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// streamDelay is how long printed text waits for more: few large messages
	// instead of one for each Println, which a Jupyter server would throttle.
	streamDelay = 50 * time.Millisecond
	// streamSize is how much text makes a message at once.
	streamSize = 64 << 10
)

// streamText gathers the text of one stream. Its owner holds the lock.
type streamText struct {
	name  string
	text  strings.Builder
	timer *time.Timer
}

func (s *streamText) add(name, text string) {
	s.name = name
	s.text.WriteString(text)
}

func (s *streamText) holds() bool { return s.text.Len() > 0 }
func (s *streamText) full() bool  { return s.text.Len() >= streamSize }

// arm has flush called when the text has waited long enough.
func (s *streamText) arm(flush func()) {
	if s.timer == nil {
		s.timer = time.AfterFunc(streamDelay, flush)
	}
}

// take returns the text and forgets it. Unless all of it is wanted, the first
// bytes of a character whose rest has not come are kept.
func (s *streamText) take(all bool) (name, text string) {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	text = s.text.String()
	s.text.Reset()
	if !all {
		n := wholeRunes(text)
		s.text.WriteString(text[n:])
		text = text[:n]
	}
	return s.name, text
}

// wholeRunes returns the length of s without a last character that is cut off.
func wholeRunes(s string) int {
	for n := 1; n < utf8.UTFMax && n <= len(s); n++ {
		if b := s[len(s)-n:]; utf8.RuneStart(b[0]) {
			if !utf8.FullRuneInString(b) {
				return len(s) - n
			}
			break
		}
	}
	return len(s)
}
