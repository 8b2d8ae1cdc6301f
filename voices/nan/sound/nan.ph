// Minnan segments for espeak-ng, in its phoneme language. m n N l come from base1.
// Tones are not here: each accent's table starts from this one and defines 0 to 9 (accents/*.toml).
// Lengths in ms, frequencies in Hz. A vowel before an unreleased stop is half as long (checked syllables).

phonemetable nan base1

// ---- initials: three ways of closing (voiced all through, plain, aspirated), three places ----

phoneme b
  import_phoneme base1/b
  prevoice
  voicingswitch p
endphoneme

phoneme g
  import_phoneme base1/g
  prevoice
  voicingswitch k
endphoneme

phoneme p
  vls blb stp
  lengthmod 2
  Vowelin  f1=0 f2=1000 -50 -100 f3=-200 80
  Vowelout f1=0 f2=1000 -500 -350 f3=-300 80
  WAV(ustop/p_unasp)
endphoneme

phoneme ph
  vls blb stp
  ipa pU+02B0
  lengthmod 2
  Vowelin  f1=0 f2=1000 -50 -100 f3=-200 80
  Vowelout f1=0 f2=1000 -500 -350 f3=-300 80
  WAV(ustop/p_asp)
endphoneme

phoneme t
  vls alv stp
  lengthmod 2
  Vowelin  f1=0 f2=1700 -300 300 f3=-100 80
  Vowelout f1=0 f2=1700 -300 250 f3=-100 80
  WAV(ustop/t_unasp2, 90)
endphoneme

phoneme th
  vls alv stp
  ipa tU+02B0
  lengthmod 2
  Vowelin  f1=0 f2=1700 -300 300 f3=-100 80
  Vowelout f1=0 f2=1700 -300 250 f3=-100 80
  WAV(ustop/t_)
endphoneme

phoneme k
  vls vel stp
  lengthmod 2
  Vowelin  f1=0 f2=2300 200 400 f3=-100 80
  Vowelout f1=0 f2=2300 250 300 f3=-100 80
  WAV(ustop/k_unasp_, 75)
endphoneme

phoneme kh
  vls vel stp
  ipa kU+02B0
  lengthmod 2
  Vowelin  f1=0 f2=2300 200 400 f3=-100 80
  Vowelout f1=0 f2=2300 250 300 f3=-100 80
  WAV(ustop/k_asp, 80)
endphoneme

phoneme ts
  vls alv afr sib
  lengthmod 2
  Vowelin  f1=0 f2=1700 -300 300 f3=-100 80
  Vowelout f1=0 f2=1700 -300 250 f3=-100 80
  WAV(ustop/ts2, 50)
endphoneme

phoneme tsh
  vls alv afr sib
  ipa tsU+02B0
  lengthmod 2
  Vowelin  f1=0 f2=1700 -300 300 f3=-100 80
  Vowelout f1=0 f2=1700 -300 250 f3=-100 80
  length 100
  WAV(ustop/ts_, 60)
endphoneme

phoneme s
  vls alv frc sib
  lengthmod 3
  Vowelin  f1=0 f2=1700 -300 300 f3=-100 80
  Vowelout f1=0 f2=1700 -300 250 f3=-100 80
  length 150
  WAV(ufric/s)
endphoneme

// as in the base table, but twice as loud: a breath that is to be heard as a sound of its own

phoneme h
  vls glt frc
  lengthmod 3
  length 80
  IF nextPh(#a) THEN
    WAV(h/ha, 200)
  ENDIF
  IF nextPh(#e) THEN
    WAV(h/he, 200)
  ENDIF
  IF nextPh(#i) THEN
    WAV(h/hi, 200)
  ENDIF
  IF nextPh(#o) THEN
    WAV(h/ho, 250)
  ENDIF
  IF nextPh(#u) THEN
    WAV(h/hu_fi, 120)
  ENDIF
  WAV(h/h_, 150)
endphoneme

// before i the tongue is further back

phoneme tC
  vls alp afr sib
  ipa tU+0255
  lengthmod 2
  Vowelin  f1=0 f2=2300 300 400 f3=100 80
  Vowelout f1=0 f2=2300 250 300 f3=-100 80
  WAV(ustop/tsh_unasp, 60)
endphoneme

phoneme tCh
  vls alp afr sib
  ipa tU+0255U+02B0
  lengthmod 2
  Vowelin  f1=0 f2=2300 300 400 f3=100 80
  Vowelout f1=0 f2=2300 250 300 f3=-100 80
  length 100
  WAV(ustop/tsh_pzd, 80)
endphoneme

phoneme S
  vls alp frc sib
  ipa U+0255
  lengthmod 3
  Vowelin  f1=0 f2=2300 300 400 f3=100 80
  Vowelout f1=0 f2=2300 250 300 f3=-100 80
  length 150
  WAV(ufric/sh_pzd2, 20)
endphoneme

// ---- final nasals: the lips pull the second formant down further than in the base table ----

phoneme m/
  vcd blb nas
  ipa m
  lengthmod 4
  Vowelout len=50 rms=16 f1=2 f2=1000 -700 -450 f3=-200 80 brk
  FMT(m/m_)
endphoneme

// ---- finals that close without release ----

phoneme p-
  vls blb stp
  ipa pU+031A
  lengthmod 1
  Vowelout len=60 rms=24 f1=0 f2=1000 -650 -350 f3=-300 80
  WAV(ustop/null)
endphoneme

phoneme t-
  vls alv stp
  ipa tU+031A
  lengthmod 1
  Vowelout len=60 rms=24 f1=1 f2=1700 -300 350 f3=200 80
  WAV(ustop/null)
endphoneme

phoneme k-
  vls vel stp
  ipa kU+031A
  lengthmod 1
  Vowelout len=70 rms=24 f1=1 f2=900 -200 -200 f3=-500 80
  WAV(ustop/null)
endphoneme

phoneme ?-
  vls glt stp
  ipa U+0294
  lengthmod 1
  Vowelout len=30 rms=4
  WAV(ustop/null)
endphoneme

// ---- syllabic nasals ----

phoneme m-
  vwl starttype #@ endtype #@
  ipa mU+0329
  length 240
  FMT(m/m-syl)
endphoneme

phoneme N-
  vwl starttype #@ endtype #@
  ipa U+014BU+0329
  length 240
  FMT(nn/nn-syl)
endphoneme

// ---- vowels ----

phoneme a
  vwl starttype #a endtype #a
  ipa a
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vowel/a)
endphoneme

phoneme e
  vwl starttype #e endtype #e
  ipa e
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vowel/e)
endphoneme

phoneme i
  vwl starttype #i endtype #i
  ipa i
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vowel/i)
endphoneme

phoneme o
  vwl starttype #o endtype #o
  ipa o
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vowel/o)
endphoneme

phoneme O
  vwl starttype #o endtype #o
  ipa U+0254
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vowel/oo)
endphoneme

phoneme u
  vwl starttype #u endtype #u
  ipa u
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vowel/u)
endphoneme

phoneme i-
  vwl starttype #i endtype #i
  ipa U+0268
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vowel/u#_7)
endphoneme

phoneme o-
  vwl starttype #o endtype #o
  ipa U+0259
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vowel/o-)
endphoneme

phoneme ai
  vwl starttype #a endtype #i
  ipa ai
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vdiph/ai_6)
endphoneme

phoneme au
  vwl starttype #a endtype #u
  ipa au
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vdiph/au)
endphoneme

phoneme ia
  vwl starttype #i endtype #a
  ipa ia
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vwl_zh/iaa)
endphoneme

phoneme iau
  vwl starttype #i endtype #u
  ipa iau
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vwl_zh/iaau)
endphoneme

phoneme iE
  vwl starttype #i endtype #e
  ipa iU+025B
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vwl_zh/ie)
endphoneme

phoneme io
  vwl starttype #i endtype #o
  ipa io
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vdiph2/iioo)
endphoneme

phoneme iu
  vwl starttype #i endtype #u
  ipa iu
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vdiph2/iu)
endphoneme

phoneme ua
  vwl starttype #u endtype #a
  ipa ua
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vwl_zh/uaa)
endphoneme

phoneme uai
  vwl starttype #u endtype #i
  ipa uai
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vwl_zh/uai)
endphoneme

phoneme ue
  vwl starttype #u endtype #e
  ipa ue
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vwl_zh/uei)
endphoneme

phoneme ui
  vwl starttype #u endtype #i
  ipa ui
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vdiph/ui)
endphoneme

phoneme a~
  vwl starttype #a endtype #a
  ipa aU+0303
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vnasal/a_n)
endphoneme

phoneme e~
  vwl starttype #e endtype #e
  ipa eU+0303
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vnasal/ee_n2)
endphoneme

phoneme i~
  vwl starttype #i endtype #i
  ipa iU+0303
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vnasal/i_n)
endphoneme

phoneme O~
  vwl starttype #o endtype #o
  ipa U+0254U+0303
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vnasal/oo_n2)
endphoneme

phoneme u~
  vwl starttype #u endtype #u
  ipa uU+0303
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vnasal/u_n)
endphoneme

phoneme ai~
  vwl starttype #a endtype #i
  ipa aiU+0303
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vnasal/ai_n)
endphoneme

phoneme au~
  vwl starttype #a endtype #u
  ipa auU+0303
  length 220
  IF nextPh(p-) OR nextPh(t-) OR nextPh(k-) OR nextPh(?-) THEN
    length 110
  ENDIF
  FMT(vnasal/au_n)
endphoneme
