package memory

// Join returns memory of the Go heap with the content of all blocks, one after the
// other. Nothing is copied where they came through segments and each but the last
// fills its pages: then it is like [Block.Copy].
func Join(blocks []*Block) ([]byte, error) {
	total, aligned := 0, true
	for i, b := range blocks {
		total += b.size
		aligned = aligned && b.from != nil && (i == len(blocks)-1 || b.size%pageSize == 0)
	}
	if !aligned || total < minOverlay {
		return joinCopied(blocks, total)
	}
	holds := make([]*hold, len(blocks)) // not the blocks, which may go before
	pieces := make([]piece, len(blocks))
	for i, b := range blocks {
		b.hold.refs.Add(1)
		holds[i], pieces[i] = b.hold, b.from.piece(b.size)
	}
	drop := func() {
		for _, h := range holds {
			h.drop()
		}
	}
	memory, err := overlay(pieces, drop)
	if err != nil {
		drop()
	}
	return memory, err
}

// joinCopied is Join by copying.
func joinCopied(blocks []*Block, total int) ([]byte, error) {
	joined := Fresh(total)
	to := joined
	for _, b := range blocks {
		view, err := b.View()
		if err != nil {
			return nil, err
		}
		Copy(to[:len(view)], view)
		to = to[len(view):]
	}
	return joined[:total:total], nil
}
