/*
  A small set of rules for what is found in containers. Import it like rules of your own:
  lading import CASE --kind yara-rules resources/yara/lading.yar
*/

rule Lading_Miner_Program {
  meta:
    description = "a program that speaks with a mining pool"
    severity = "high"
    technique = "T1496.001"
  strings:
    $pool = "stratum+tcp://" ascii wide
    $pool_tls = "stratum+ssl://" ascii wide
    $method = "\"mining.subscribe\"" ascii
    $random = "randomx" ascii nocase
    $donate = "--donate-level" ascii
    $name = "xmrig" ascii nocase
  condition:
    uint32(0) == 0x464c457f and (any of ($pool*) or $method) and any of ($random, $donate, $name, $method)
}

rule Lading_Packed_UPX {
  meta:
    description = "a program packed with UPX: small tools of intruders often are, programs of distributions are not"
    severity = "medium"
    technique = "T1027.002"
  strings:
    $magic = "UPX!" ascii
    $text = "$Info: This file is packed with the UPX" ascii
  condition:
    uint32(0) == 0x464c457f and $text and #magic >= 2
}

rule Lading_Web_Shell_PHP {
  meta:
    description = "a PHP script that runs what a request brings"
    severity = "critical"
    technique = "T1505.003"
  strings:
    $php = "<?php" ascii nocase
    $run = /\b(eval|assert|system|shell_exec|passthru|exec|popen|proc_open)\s{0,5}\(\s{0,5}@?(base64_decode\s{0,5}\(\s{0,5})?\$_(GET|POST|REQUEST|COOKIE|SERVER)/ ascii nocase
    $hidden = /\beval\s{0,5}\(\s{0,5}(gzinflate|gzuncompress|str_rot13|base64_decode)\s{0,5}\(/ ascii nocase
  condition:
    filesize < 2MB and $php and any of ($run, $hidden)
}

rule Lading_Preload_Rootkit {
  meta:
    description = "a library that puts itself between programs and the kernel to hide files or processes"
    severity = "critical"
    technique = "T1574.006"
  strings:
    $dl = "dlsym" ascii
    $readdir = "readdir64" ascii
    $proc = "/proc/self/fd/%d" ascii
    $status = "/proc/%s/stat" ascii
    $preload = "/etc/ld.so.preload" ascii
    $hide = /\b(processhider|hide_?pid|hidden_?proc|magic_?string)\b/ ascii nocase
  condition:
    uint32(0) == 0x464c457f and uint16(16) == 3 and $dl and $readdir and (($proc and $status) or $preload or $hide)
}

rule Lading_Reverse_Shell_Script {
  meta:
    description = "a script that gives a shell to the other end of a connection"
    severity = "high"
    technique = "T1059.004"
  strings:
    $bash = /\/dev\/tcp\/[0-9A-Za-z.-]{3,100}\/[0-9]{1,5}/ ascii
    $interactive = /\b(ba|da|z)?sh\s+-i\b/ ascii
    $fifo = /mkfifo\s+\S{1,100}.{0,200}\b(nc|ncat)\b/ ascii
  condition:
    filesize < 1MB and uint32(0) != 0x464c457f and (($bash and $interactive) or $fifo)
}

rule Lading_Escape_Script {
  meta:
    description = "a script that reaches from a container for the host"
    severity = "high"
    technique = "T1611"
  strings:
    $release = "release_agent" ascii
    $notify = "notify_on_release" ascii
    $core = "/proc/sys/kernel/core_pattern" ascii
    $enter = /nsenter\s+(-t|--target)[ =]?1\b/ ascii
    $socket = /curl\s.{0,100}--unix-socket\s+\S{0,100}docker\.sock/ ascii
  condition:
    filesize < 1MB and uint32(0) != 0x464c457f and (($release and $notify) or ($core and #core > 0 and filesize < 64KB) or $enter or $socket)
}
