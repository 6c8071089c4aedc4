<?php

namespace Callmonitor;

/**
 * The token that opens the event service: a JSON Web Token (RFC 7519) signed with HMAC-SHA-256.
 */
final class Token
{
    const AUDIENCE = 'callmonitor';
    /** In seconds. The script asks for the next one a minute before. */
    const LASTS = 3600;

    /** @param int $now in seconds since 1970 */
    public static function mint(string $secret, string $user, Rights $rights, int $now): string
    {
        $claims = ['aud' => self::AUDIENCE, 'sub' => $user, 'iat' => $now, 'exp' => $now + self::LASTS];
        $signed = self::encoded(['alg' => 'HS256', 'typ' => 'JWT']) . '.' . self::encoded($claims + $rights->claims());
        return $signed . '.' . self::base64url(hash_hmac('sha256', $signed, $secret, true));
    }

    private static function encoded(array $part): string
    {
        return self::base64url(json_encode($part, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE));
    }

    private static function base64url(string $bytes): string
    {
        return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    }
}
