package goobj

// Kinds of relocations (cmd/internal/objabi.RelocType): those of all architectures,
// those of x86-64 code, and those of arm64 code. There an address is in a pair of
// instructions: the first, ADRP, has that of its page of 4096 bytes, and the second the
// rest, in an ADD, or in a load or store of one byte up to eight.
const (
	RelocAddr      = 1
	RelocAddrOff   = 5
	RelocMethodOff = 26
	RelocKeep      = 27
	RelocInitOrder = 102
	RelocWeak      = -1 << 15 // is added to another

	RelocCallAMD64     = 7
	RelocPCRelAMD64    = 14
	RelocTLSLEAMD64    = 15
	RelocTLSIEAMD64    = 16
	RelocGOTPCRelAMD64 = 29

	RelocPairARM64     = 3
	RelocCallARM64     = 9
	RelocAccess8ARM64  = 37 // those of 2, 4 and 8 bytes follow
	RelocAccess64ARM64 = 40
)
