;; Looks at bytes sixteen at a time. `node scripts/wasm.mjs` makes bytes.ts of it; a test says when that was forgotten.
;; Each function writes what it found to `out` and gives how many there are; what they tell are places to be looked at more
;; closely, by code that can be read. They may read 80 bytes behind `to`; the caller has that room.
(module
  (memory (import "host" "memory") 1)

  ;; Places p in [from, to) with byte a (after OR with maskA) at p + offA, and b (after OR with maskB) at p + offB.
  (func (export "pairs")
    (param $from i32) (param $to i32)
    (param $a i32) (param $maskA i32) (param $offA i32)
    (param $b i32) (param $maskB i32) (param $offB i32)
    (param $out i32) (result i32)
    (local $p i32) (local $end i32) (local $bits i32) (local $count i32) (local $at i32)
    (local $va v128) (local $ma v128) (local $vb v128) (local $mb v128)
    (local.set $va (i8x16.splat (local.get $a)))
    (local.set $ma (i8x16.splat (local.get $maskA)))
    (local.set $vb (i8x16.splat (local.get $b)))
    (local.set $mb (i8x16.splat (local.get $maskB)))
    (local.set $p (local.get $from))
    (block $done
      (loop $blocks
        (br_if $done (i32.ge_u (local.get $p) (local.get $to)))
        ;; 64 bytes without any: on to the next
        (if (i32.eqz (v128.any_true
              (v128.or
                (v128.or
                  (v128.and
                    (i8x16.eq (v128.or (v128.load (i32.add (local.get $p) (local.get $offA))) (local.get $ma)) (local.get $va))
                    (i8x16.eq (v128.or (v128.load (i32.add (local.get $p) (local.get $offB))) (local.get $mb)) (local.get $vb)))
                  (v128.and
                    (i8x16.eq (v128.or (v128.load offset=16 (i32.add (local.get $p) (local.get $offA))) (local.get $ma)) (local.get $va))
                    (i8x16.eq (v128.or (v128.load offset=16 (i32.add (local.get $p) (local.get $offB))) (local.get $mb)) (local.get $vb))))
                (v128.or
                  (v128.and
                    (i8x16.eq (v128.or (v128.load offset=32 (i32.add (local.get $p) (local.get $offA))) (local.get $ma)) (local.get $va))
                    (i8x16.eq (v128.or (v128.load offset=32 (i32.add (local.get $p) (local.get $offB))) (local.get $mb)) (local.get $vb)))
                  (v128.and
                    (i8x16.eq (v128.or (v128.load offset=48 (i32.add (local.get $p) (local.get $offA))) (local.get $ma)) (local.get $va))
                    (i8x16.eq (v128.or (v128.load offset=48 (i32.add (local.get $p) (local.get $offB))) (local.get $mb)) (local.get $vb)))))))
          (then
            (local.set $p (i32.add (local.get $p) (i32.const 64)))
            (br $blocks)))
        (local.set $end (i32.add (local.get $p) (i32.const 64)))
        (loop $sixteen
          (local.set $bits
            (i8x16.bitmask
              (v128.and
                (i8x16.eq (v128.or (v128.load (i32.add (local.get $p) (local.get $offA))) (local.get $ma)) (local.get $va))
                (i8x16.eq (v128.or (v128.load (i32.add (local.get $p) (local.get $offB))) (local.get $mb)) (local.get $vb)))))
          (block $none
            (loop $each
              (br_if $none (i32.eqz (local.get $bits)))
              (local.set $at (i32.add (local.get $p) (i32.ctz (local.get $bits))))
              (br_if $done (i32.ge_u (local.get $at) (local.get $to)))
              (i32.store (i32.add (local.get $out) (i32.shl (local.get $count) (i32.const 2))) (local.get $at))
              (local.set $count (i32.add (local.get $count) (i32.const 1)))
              (local.set $bits (i32.and (local.get $bits) (i32.sub (local.get $bits) (i32.const 1))))
              (br $each)))
          (local.set $p (i32.add (local.get $p) (i32.const 16)))
          (br_if $sixteen (i32.lt_u (local.get $p) (local.get $end))))
        (br $blocks)))
    (local.get $count))

  ;; Starts in [from, to) of windows of `width` bytes whose last three, hashed, may not be passed over (Wu and Manber). `table`
  ;; has for each of 2^17 hashes how far the window may be moved; `fold` is set in the three bytes before they are hashed. Looks
  ;; at four parts in turn, since each move waits for the one before it: what is found is not in order.
  (func (export "windows")
    (param $from i32) (param $to i32) (param $width i32) (param $table i32) (param $fold i32) (param $out i32) (result i32)
    (local $back i32) (local $part i32) (local $move i32) (local $at i32)
    (local $end0 i32) (local $end1 i32) (local $end2 i32) (local $end3 i32)
    (local $to0 i32) (local $to1 i32) (local $to2 i32) (local $to3 i32)
    (local.set $at (local.get $out))
    (local.set $back (i32.sub (local.get $width) (i32.const 1)))
    (local.set $part (i32.shr_u (i32.sub (local.get $to) (local.get $from)) (i32.const 2)))
    (local.set $end0 (i32.add (local.get $from) (local.get $back)))
    (local.set $end1 (i32.add (local.get $end0) (local.get $part)))
    (local.set $end2 (i32.add (local.get $end1) (local.get $part)))
    (local.set $end3 (i32.add (local.get $end2) (local.get $part)))
    (local.set $to0 (local.get $end1))
    (local.set $to1 (local.get $end2))
    (local.set $to2 (local.get $end3))
    (local.set $to3 (i32.add (local.get $to) (local.get $back)))
    (block $done
      (loop $four
        (br_if $done
          (i32.or
            (i32.or (i32.ge_u (local.get $end0) (local.get $to0)) (i32.ge_u (local.get $end1) (local.get $to1)))
            (i32.or (i32.ge_u (local.get $end2) (local.get $to2)) (i32.ge_u (local.get $end3) (local.get $to3)))))
        (local.set $move
          (i32.load8_u
            (i32.add
              (local.get $table)
              (i32.shr_u
                (i32.mul
                  (i32.or
                    (i32.and (i32.load align=1 (i32.sub (local.get $end0) (i32.const 2))) (i32.const 0xffffff))
                    (local.get $fold))
                  (i32.const 0x9e3779b1))
                (i32.const 15)))))
        (local.set $end0 (i32.add (local.get $end0) (local.get $move)))
        (if (i32.eqz (local.get $move))
          (then
            (i32.store (local.get $at) (i32.sub (local.get $end0) (local.get $back)))
            (local.set $at (i32.add (local.get $at) (i32.const 4)))
            (local.set $end0 (i32.add (local.get $end0) (i32.const 1)))))
        (local.set $move
          (i32.load8_u
            (i32.add
              (local.get $table)
              (i32.shr_u
                (i32.mul
                  (i32.or
                    (i32.and (i32.load align=1 (i32.sub (local.get $end1) (i32.const 2))) (i32.const 0xffffff))
                    (local.get $fold))
                  (i32.const 0x9e3779b1))
                (i32.const 15)))))
        (local.set $end1 (i32.add (local.get $end1) (local.get $move)))
        (if (i32.eqz (local.get $move))
          (then
            (i32.store (local.get $at) (i32.sub (local.get $end1) (local.get $back)))
            (local.set $at (i32.add (local.get $at) (i32.const 4)))
            (local.set $end1 (i32.add (local.get $end1) (i32.const 1)))))
        (local.set $move
          (i32.load8_u
            (i32.add
              (local.get $table)
              (i32.shr_u
                (i32.mul
                  (i32.or
                    (i32.and (i32.load align=1 (i32.sub (local.get $end2) (i32.const 2))) (i32.const 0xffffff))
                    (local.get $fold))
                  (i32.const 0x9e3779b1))
                (i32.const 15)))))
        (local.set $end2 (i32.add (local.get $end2) (local.get $move)))
        (if (i32.eqz (local.get $move))
          (then
            (i32.store (local.get $at) (i32.sub (local.get $end2) (local.get $back)))
            (local.set $at (i32.add (local.get $at) (i32.const 4)))
            (local.set $end2 (i32.add (local.get $end2) (i32.const 1)))))
        (local.set $move
          (i32.load8_u
            (i32.add
              (local.get $table)
              (i32.shr_u
                (i32.mul
                  (i32.or
                    (i32.and (i32.load align=1 (i32.sub (local.get $end3) (i32.const 2))) (i32.const 0xffffff))
                    (local.get $fold))
                  (i32.const 0x9e3779b1))
                (i32.const 15)))))
        (local.set $end3 (i32.add (local.get $end3) (local.get $move)))
        (if (i32.eqz (local.get $move))
          (then
            (i32.store (local.get $at) (i32.sub (local.get $end3) (local.get $back)))
            (local.set $at (i32.add (local.get $at) (i32.const 4)))
            (local.set $end3 (i32.add (local.get $end3) (i32.const 1)))))
        (br $four)))
    (block $done0
      (loop $on0
        (br_if $done0 (i32.ge_u (local.get $end0) (local.get $to0)))
        (local.set $move
          (i32.load8_u
            (i32.add
              (local.get $table)
              (i32.shr_u
                (i32.mul
                  (i32.or
                    (i32.and (i32.load align=1 (i32.sub (local.get $end0) (i32.const 2))) (i32.const 0xffffff))
                    (local.get $fold))
                  (i32.const 0x9e3779b1))
                (i32.const 15)))))
        (local.set $end0 (i32.add (local.get $end0) (local.get $move)))
        (if (i32.eqz (local.get $move))
          (then
            (i32.store (local.get $at) (i32.sub (local.get $end0) (local.get $back)))
            (local.set $at (i32.add (local.get $at) (i32.const 4)))
            (local.set $end0 (i32.add (local.get $end0) (i32.const 1)))))
        (br $on0)))
    (block $done1
      (loop $on1
        (br_if $done1 (i32.ge_u (local.get $end1) (local.get $to1)))
        (local.set $move
          (i32.load8_u
            (i32.add
              (local.get $table)
              (i32.shr_u
                (i32.mul
                  (i32.or
                    (i32.and (i32.load align=1 (i32.sub (local.get $end1) (i32.const 2))) (i32.const 0xffffff))
                    (local.get $fold))
                  (i32.const 0x9e3779b1))
                (i32.const 15)))))
        (local.set $end1 (i32.add (local.get $end1) (local.get $move)))
        (if (i32.eqz (local.get $move))
          (then
            (i32.store (local.get $at) (i32.sub (local.get $end1) (local.get $back)))
            (local.set $at (i32.add (local.get $at) (i32.const 4)))
            (local.set $end1 (i32.add (local.get $end1) (i32.const 1)))))
        (br $on1)))
    (block $done2
      (loop $on2
        (br_if $done2 (i32.ge_u (local.get $end2) (local.get $to2)))
        (local.set $move
          (i32.load8_u
            (i32.add
              (local.get $table)
              (i32.shr_u
                (i32.mul
                  (i32.or
                    (i32.and (i32.load align=1 (i32.sub (local.get $end2) (i32.const 2))) (i32.const 0xffffff))
                    (local.get $fold))
                  (i32.const 0x9e3779b1))
                (i32.const 15)))))
        (local.set $end2 (i32.add (local.get $end2) (local.get $move)))
        (if (i32.eqz (local.get $move))
          (then
            (i32.store (local.get $at) (i32.sub (local.get $end2) (local.get $back)))
            (local.set $at (i32.add (local.get $at) (i32.const 4)))
            (local.set $end2 (i32.add (local.get $end2) (i32.const 1)))))
        (br $on2)))
    (block $done3
      (loop $on3
        (br_if $done3 (i32.ge_u (local.get $end3) (local.get $to3)))
        (local.set $move
          (i32.load8_u
            (i32.add
              (local.get $table)
              (i32.shr_u
                (i32.mul
                  (i32.or
                    (i32.and (i32.load align=1 (i32.sub (local.get $end3) (i32.const 2))) (i32.const 0xffffff))
                    (local.get $fold))
                  (i32.const 0x9e3779b1))
                (i32.const 15)))))
        (local.set $end3 (i32.add (local.get $end3) (local.get $move)))
        (if (i32.eqz (local.get $move))
          (then
            (i32.store (local.get $at) (i32.sub (local.get $end3) (local.get $back)))
            (local.set $at (i32.add (local.get $at) (i32.const 4)))
            (local.set $end3 (i32.add (local.get $end3) (i32.const 1)))))
        (br $on3)))
    (i32.shr_u (i32.sub (local.get $at) (local.get $out)) (i32.const 2)))

  ;; Which of sixteen bytes show on a terminal: blank to tilde, and tab.
  (func $shows (param $v v128) (result i32)
    (i8x16.bitmask
      (v128.or
        (i8x16.lt_u (i8x16.sub (local.get $v) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32))
          (v128.const i8x16 95 95 95 95 95 95 95 95 95 95 95 95 95 95 95 95))
        (i8x16.eq (local.get $v) (v128.const i8x16 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9)))))

  ;; Runs of bytes that show, as (start, end): of `least` bytes and more, and any that begins at `from` or ends at `to`.
  (func (export "runs")
    (param $from i32) (param $to i32) (param $least i32) (param $out i32) (result i32)
    (local $p i32) (local $bits i32) (local $at i32) (local $start i32) (local $open i32) (local $count i32)
    (local.set $p (local.get $from))
    (block $done
      (loop $blocks
        (br_if $done (i32.ge_u (local.get $p) (local.get $to)))
        ;; a bit is set where the state changes next
        (local.set $bits
          (i32.xor
            (call $shows (v128.load (local.get $p)))
            (select (i32.const 0xffff) (i32.const 0) (local.get $open))))
        (block $none
          (loop $each
            (br_if $none (i32.eqz (local.get $bits)))
            (local.set $at (i32.add (local.get $p) (i32.ctz (local.get $bits))))
            (br_if $done (i32.ge_u (local.get $at) (local.get $to)))
            (if (local.get $open)
              (then
                (local.set $open (i32.const 0))
                (if (i32.or
                      (i32.ge_u (i32.sub (local.get $at) (local.get $start)) (local.get $least))
                      (i32.eq (local.get $start) (local.get $from)))
                  (then
                    (i32.store (local.get $out) (local.get $start))
                    (i32.store offset=4 (local.get $out) (local.get $at))
                    (local.set $out (i32.add (local.get $out) (i32.const 8)))
                    (local.set $count (i32.add (local.get $count) (i32.const 1))))))
              (else
                (local.set $open (i32.const 1))
                (local.set $start (local.get $at))))
            ;; what is behind is looked at from the other state
            (local.set $bits
              (i32.and
                (i32.xor (local.get $bits) (i32.const 0xffff))
                (i32.shl (i32.const 0xfffffffe) (i32.ctz (local.get $bits)))))
            (br $each)))
        (local.set $p (i32.add (local.get $p) (i32.const 16)))
        (br $blocks)))
    (if (local.get $open)
      (then
        (i32.store (local.get $out) (local.get $start))
        (i32.store offset=4 (local.get $out) (local.get $to))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))))
    (local.get $count))

  ;; Runs of a byte that shows and NUL, as (start, end): of `least` pairs and more, and any that begins in the first two places
  ;; or ends at `to` or behind. Pairs begin in [from, to), at even and odd places. Not in order: an end is known late.
  (func (export "wides")
    (param $from i32) (param $to i32) (param $least i32) (param $out i32) (result i32)
    (local $p i32) (local $bits i32) (local $at i32) (local $count i32)
    (local $start0 i32) (local $end0 i32) (local $start1 i32) (local $end1 i32)
    (local.set $p (local.get $from))
    (local.set $least (i32.shl (local.get $least) (i32.const 1)))
    (block $done
      (loop $blocks
        (br_if $done (i32.ge_u (local.get $p) (local.get $to)))
        (local.set $bits
          (i8x16.bitmask
            (i8x16.eq (v128.load offset=1 (local.get $p)) (v128.const i64x2 0 0))))
        (if (local.get $bits)
          (then
            (local.set $bits (i32.and (local.get $bits) (call $shows (v128.load (local.get $p)))))
            (block $none
              (loop $each
                (br_if $none (i32.eqz (local.get $bits)))
                (local.set $at (i32.add (local.get $p) (i32.ctz (local.get $bits))))
                (br_if $done (i32.ge_u (local.get $at) (local.get $to)))
                (local.set $bits (i32.and (local.get $bits) (i32.sub (local.get $bits) (i32.const 1))))
                ;; the run of this parity is in start0 and end0: they change places for odd ones
                (if (i32.eq (local.get $at) (local.get $end0))
                  (then (local.set $end0 (i32.add (local.get $at) (i32.const 2))) (br $each)))
                (if (i32.eq (local.get $at) (local.get $end1))
                  (then (local.set $end1 (i32.add (local.get $at) (i32.const 2))) (br $each)))
                (if (i32.and (i32.sub (local.get $at) (local.get $from)) (i32.const 1))
                  (then
                    (if (call $told (local.get $start1) (local.get $end1) (local.get $from) (local.get $to) (local.get $least) (local.get $out))
                      (then
                        (local.set $out (i32.add (local.get $out) (i32.const 8)))
                        (local.set $count (i32.add (local.get $count) (i32.const 1)))))
                    (local.set $start1 (local.get $at))
                    (local.set $end1 (i32.add (local.get $at) (i32.const 2))))
                  (else
                    (if (call $told (local.get $start0) (local.get $end0) (local.get $from) (local.get $to) (local.get $least) (local.get $out))
                      (then
                        (local.set $out (i32.add (local.get $out) (i32.const 8)))
                        (local.set $count (i32.add (local.get $count) (i32.const 1)))))
                    (local.set $start0 (local.get $at))
                    (local.set $end0 (i32.add (local.get $at) (i32.const 2)))))
                (br $each)))))
        (local.set $p (i32.add (local.get $p) (i32.const 16)))
        (br $blocks)))
    (if (call $told (local.get $start0) (local.get $end0) (local.get $from) (local.get $to) (local.get $least) (local.get $out))
      (then
        (local.set $out (i32.add (local.get $out) (i32.const 8)))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))))
    (if (call $told (local.get $start1) (local.get $end1) (local.get $from) (local.get $to) (local.get $least) (local.get $out))
      (then (local.set $count (i32.add (local.get $count) (i32.const 1)))))
    (local.get $count))

  ;; Writes a run where it is to be told; 1 if so.
  (func $told (param $start i32) (param $end i32) (param $from i32) (param $to i32) (param $least i32) (param $out i32) (result i32)
    (if (i32.eqz (local.get $end)) (then (return (i32.const 0))))
    (if (i32.eqz
          (i32.or
            (i32.ge_u (i32.sub (local.get $end) (local.get $start)) (local.get $least))
            (i32.or
              (i32.lt_u (i32.sub (local.get $start) (local.get $from)) (i32.const 2))
              (i32.ge_u (local.get $end) (local.get $to)))))
      (then (return (i32.const 0))))
    (i32.store (local.get $out) (local.get $start))
    (i32.store offset=4 (local.get $out) (local.get $end))
    (i32.const 1)))
