<?php

namespace Callmonitor;

/**
 * The entry who_sees of the configuration: which user sees which calls.
 */
final class WhoSees
{
    /** The more somebody sees, the later. */
    const SCOPES = ['none', 'own', 'all'];

    private $everyone;
    private $groups;
    private $users;

    /** @throws ConfigurationError */
    public function __construct($said)
    {
        self::check(is_array($said), 'who_sees');
        $unknown = array_diff(array_keys($said), ['everyone', 'groups', 'users']);
        self::check($unknown === [], (string) reset($unknown));
        $this->everyone = self::scope($said['everyone'] ?? 'all', 'everyone');
        $this->groups = $said['groups'] ?? [];
        $this->users = $said['users'] ?? [];
        self::check(is_array($this->groups), 'groups');
        self::check(is_array($this->users), 'users');
        foreach ($this->groups as $name => $scope) {
            self::scope($scope, (string) $name);
        }
        foreach ($this->users as $name => $user) {
            self::checkUser($user, (string) $name);
        }
    }

    /** null: none at all. */
    public function rightsOf(Person $person): ?Rights
    {
        $user = $this->users[$person->name()] ?? [];
        $user = is_array($user) ? $user : ['calls' => $user];
        $scope = $user['calls'] ?? $this->scopeOfGroups($person->groupNames());
        if ($scope === 'none') {
            return null;
        }
        $all = $scope === 'all';
        if (isset($user['own_numbers']) || isset($user['extensions'])) {
            $texts = function (string $key) use ($user) {
                return array_values(array_map('strval', $user[$key] ?? []));
            };
            return new Rights($all, $texts('own_numbers'), $texts('extensions'));
        }
        return Rights::fromPhoneField($all, $person->phone());
    }

    private function scopeOfGroups(array $names): string
    {
        $scopes = array_values(array_intersect_key($this->groups, array_flip($names)));
        if ($scopes === []) {
            return $this->everyone;
        }
        $most = max(array_map(function ($scope) {
            return array_search($scope, self::SCOPES, true);
        }, $scopes));
        return self::SCOPES[$most];
    }

    private static function checkUser($user, string $name): void
    {
        if (!is_array($user)) {
            self::scope($user, $name);
            return;
        }
        self::check(array_diff(array_keys($user), ['calls', 'own_numbers', 'extensions']) === [], $name);
        if (isset($user['calls'])) {
            self::scope($user['calls'], $name);
        }
        foreach (['own_numbers' => 'isNumber', 'extensions' => 'isExtension'] as $key => $isOne) {
            $list = $user[$key] ?? [];
            $good = is_array($list) && array_filter($list, function ($one) use ($isOne) {
                return !is_scalar($one) || !Rights::$isOne((string) $one);
            }) === [];
            self::check($good, $name, 'own');
        }
    }

    private static function scope($scope, string $name): string
    {
        self::check(in_array($scope, self::SCOPES, true), $name);
        return $scope;
    }

    private static function check(bool $good, string $name, string $key = 'who_sees'): void
    {
        if (!$good) {
            throw new ConfigurationError($key, ['name' => $name]);
        }
    }
}
