<?php

namespace Callmonitor;

/**
 * Which calls somebody sees, and which of them are their own.
 */
final class Rights
{
    /** An extension code of the call monitor, at any box or at one: what the event service takes. */
    const PHONE = '/^([a-z0-9][a-z0-9-]{0,31}\/)?(0|[1-9][0-9]?)$/D';
    const LONGEST_NUMBER = 64;
    const FEWEST_DIGITS = 3;
    /** From the first of a FRITZ!Box' internal numbers to the extension code of the first of those phones. */
    const INTERNAL = [[1, 3, 0], [600, 604, 40], [610, 619, 10], [620, 629, 20]];

    private $all;
    private $ownNumbers;
    private $extensions;

    public function __construct(bool $all, array $ownNumbers, array $extensions)
    {
        $this->all = $all;
        $this->ownNumbers = $ownNumbers;
        $this->extensions = $extensions;
    }

    /**
     * With the numbers and phones that stand in a phone field: '0221 4710101, **610; kanzlei/20'. What is neither is
     * left out.
     */
    public static function fromPhoneField(bool $all, string $field): self
    {
        $numbers = [];
        $extensions = [];
        foreach (preg_split('/[,;]/', $field) as $part) {
            $part = trim($part);
            $code = self::extensionCode($part);
            if ($code !== '') {
                $extensions[] = $code;
            } elseif (self::isNumber($part)) {
                $numbers[] = $part;
            }
        }
        return new self($all, $numbers, $extensions);
    }

    public static function isExtension(string $text): bool
    {
        return preg_match(self::PHONE, $text) === 1;
    }

    public static function isNumber(string $text): bool
    {
        $characters = preg_match_all('/./us', $text);
        $digits = preg_match_all('/[0-9]/', $text);
        return $digits >= self::FEWEST_DIGITS && $characters !== false && $characters <= self::LONGEST_NUMBER
            && strpos($text, '**') !== 0;
    }

    public function seesNothing(): bool
    {
        return !$this->all && $this->ownNumbers === [] && $this->extensions === [];
    }

    /** As they stand in a token. */
    public function claims(): array
    {
        return [
            'calls' => $this->all ? 'all' : 'own',
            'own_numbers' => $this->ownNumbers,
            'extensions' => $this->extensions,
        ];
    }

    private static function extensionCode(string $part): string
    {
        if (self::isExtension($part)) {
            return $part;
        }
        if (preg_match('/^\*\*([0-9]{1,3})$/D', $part, $found) === 1) {
            foreach (self::INTERNAL as [$first, $last, $code]) {
                if ($found[1] >= $first && $found[1] <= $last) {
                    return (string) ($found[1] - $first + $code);
                }
            }
        }
        return '';
    }
}
