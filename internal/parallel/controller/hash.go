package controller

import (
	"encoding/binary"
	"hash/maphash"
	"sync"

	"github.com/goparallel/goparallel/internal/parallel/memory"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// seeds make hashes that are those of this process alone. Nobody chooses values
// so that they collide, and 128 bits do not collide by chance. This is ten times as
// fast as SHA-256.
var seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

// digest is a hash under each of the seeds.
type digest [2]uint64

// hashOf identifies a value. It is different for equal bytes of different types:
// the empty map of one is not that of another.
func hashOf(typed string, data []byte, blocks []*memory.Block) (sum wire.Hash, err error) {
	digests := []digest{digestOf([]byte(typed)), digestOf(data)}
	for _, b := range blocks {
		view, err := b.View()
		if err != nil {
			return sum, err
		}
		digests = append(digests, digestOf(view))
	}
	d := digestOf(flat(digests))
	binary.LittleEndian.PutUint64(sum[:8], d[0])
	binary.LittleEndian.PutUint64(sum[8:], d[1])
	return sum, nil
}

// piece is what is hashed under both seeds while it is in the cache.
const piece = 64 << 10

// digestOf hashes memory, on two processors where there is much.
func digestOf(memory []byte) digest {
	if len(memory) <= piece {
		return digest{maphash.Bytes(seeds[0], memory), maphash.Bytes(seeds[1], memory)}
	}
	digests := make([]digest, (len(memory)+piece-1)/piece)
	hash := func(from, to int) {
		for i := from; i < to; i++ {
			digests[i] = digestOf(memory[i*piece : min((i+1)*piece, len(memory))])
		}
	}
	half := len(digests) / 2
	var other sync.WaitGroup
	other.Go(func() { hash(0, half) })
	hash(half, len(digests))
	other.Wait()
	return digestOf(flat(digests))
}

// flat writes digests one after the other.
func flat(digests []digest) []byte {
	out := make([]byte, 0, len(digests)*16)
	for _, d := range digests {
		out = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(out, d[0]), d[1])
	}
	return out
}
